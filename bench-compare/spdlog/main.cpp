// The workloads on spdlog's asynchronous logger.
//
// Takes the workload's name and `key=value` sizes from `bench-compare spdlog`, which also makes the
// percentiles and reads the file afterwards; hands on `name value` lines and files of raw ticks.
// The calls are those of `crates/logloom-bench/src/workload`: same message, fields and order.
//
// As spdlog's wiki shows: thread pool with one worker, basic file sink, blocking overflow policy.

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <spdlog/version.h>

#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <x86intrin.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr std::uint64_t group = 20;
constexpr int thread_shift = 40;

std::map<std::string, std::string> options;
std::shared_ptr<spdlog::logger> logger;
bool cycles = true;

std::uint64_t option(const char *name) { return std::strtoull(options[name].c_str(), nullptr, 10); }

std::uint64_t clock_nanoseconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1000000000ULL + static_cast<std::uint64_t>(time.tv_nsec);
}

inline std::uint64_t now() { return cycles ? __rdtsc() : clock_nanoseconds(CLOCK_REALTIME); }

std::uint64_t process_cpu() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto nanoseconds = [](const timeval &time) {
        return static_cast<std::uint64_t>(time.tv_sec) * 1000000000ULL + static_cast<std::uint64_t>(time.tv_usec) * 1000ULL;
    };
    return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime);
}

std::uint64_t thread_faults() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return static_cast<std::uint64_t>(usage.ru_minflt);
}

void sleep_nanoseconds(std::uint64_t nanoseconds) {
    timespec time{static_cast<time_t>(nanoseconds / 1000000000ULL), static_cast<long>(nanoseconds % 1000000000ULL)};
    nanosleep(&time, nullptr);
}

void pin(unsigned processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    sched_setaffinity(0, sizeof set, &set);
}

struct Fields {
    std::uint64_t seq;
    std::int64_t delta;
    double price;
    std::string_view client;
};

// Values opaque to the optimiser, as in the Rust workloads.
inline Fields fields_of(std::uint64_t thread, std::uint64_t number) {
    static constexpr std::string_view clients[] = {"client-00000alfa", "client-0000bravo", "client-0charlie1", "client-000delta2"};
    Fields fields{thread << thread_shift | number, -3 * static_cast<std::int64_t>(number % 1000003),
                  static_cast<double>(number % 1000000) / 100.0, clients[number & 3]};
    asm volatile("" : : "r"(&fields) : "memory");
    return fields;
}

struct WithFields {
    void operator()(const Fields &f) const {
        SPDLOG_LOGGER_INFO(logger, "order accepted seq={} delta={} price={} client={}", f.seq, f.delta, f.price, f.client);
    }
};

struct MessageOnly {
    void operator()(const Fields &) const { SPDLOG_LOGGER_INFO(logger, "order accepted"); }
};

void wait(bool spins, std::uint64_t amount) {
    if (!spins) {
        sleep_nanoseconds(amount);
        return;
    }
    const auto start = now();
    while (now() - start < amount) {
        _mm_pause();
    }
}

// The raw ticks of one thread; written out when nothing is measured any more.
struct Samples {
    std::vector<std::uint32_t> first, empty, single, mean20, burst;
    std::uint64_t faults = 0;

    void save(unsigned thread) const {
        save(thread, "first", first);
        save(thread, "empty", empty);
        save(thread, "single", single);
        save(thread, "mean20", mean20);
        save(thread, "burst", burst);
        std::printf("faults_count %llu\n", static_cast<unsigned long long>(faults));
    }

    static void save(unsigned thread, const char *kind, const std::vector<std::uint32_t> &list) {
        const auto path = options["samples"] + "/" + kind + "." + std::to_string(thread);
        std::FILE *file = std::fopen(path.c_str(), "wb");
        if (file == nullptr || std::fwrite(list.data(), sizeof(std::uint32_t), list.size(), file) != list.size()) {
            std::perror(path.c_str());
            std::exit(1);
        }
        std::fclose(file);
    }
};

template <typename Call> std::uint32_t timed(const Call &call, const Fields &fields) {
    const auto start = now();
    call(fields);
    return static_cast<std::uint32_t>(now() - start);
}

template <typename Call> void caller(const Call &call, unsigned thread, std::atomic<unsigned> &missing, Samples &samples) {
    const bool spins = option("spins") != 0;
    if (spins) {
        pin(std::thread::hardware_concurrency() - 1 - thread);
    }
    for (auto *list : {&samples.empty, &samples.single, &samples.mean20, &samples.burst}) {
        // Every page of the sample buffers is written once before anything is measured.
        list->assign(option("singles") + option("means") + option("bursts") * group, 1);
        list->clear();
    }
    missing.fetch_sub(1);
    while (missing.load() != 0) {
        std::this_thread::yield();
    }
    std::uint64_t next = 0;
    auto fields = [&] { return fields_of(thread, next++); };
    auto many = [&](std::vector<Fields> &list) {
        for (auto &one : list) {
            one = fields();
        }
    };
    samples.first.push_back(timed(call, fields()));
    for (std::uint64_t i = 1; i < option("warm_up"); ++i) {
        const auto values = fields();
        wait(spins, option("single_pace"));
        timed(call, values);
    }
    const auto faults = thread_faults();
    const auto singles = option("singles"), single_pace = option("single_pace");
    for (std::uint64_t i = 0; i < singles; ++i) {
        const auto values = fields();
        wait(spins, single_pace);
        const auto start = now();
        const auto end = now();
        const auto cost = timed(call, values);
        samples.empty.push_back(static_cast<std::uint32_t>(end - start));
        samples.single.push_back(cost);
    }
    std::vector<Fields> values(group);
    const auto means = option("means"), mean_pace = option("mean_pace");
    for (std::uint64_t i = 0; i < means; ++i) {
        many(values);
        wait(spins, mean_pace);
        const auto start = now();
        for (const auto &one : values) {
            call(one);
        }
        samples.mean20.push_back(static_cast<std::uint32_t>(now() - start));
    }
    const auto bursts = option("bursts"), idle_min = option("idle_min"), idle_max = option("idle_max");
    for (std::uint64_t i = 0; i < bursts; ++i) {
        many(values);
        sleep_nanoseconds(idle_min + i * 7919 * 104729 % (idle_max - idle_min));
        for (const auto &one : values) {
            samples.burst.push_back(timed(call, one));
        }
    }
    samples.faults = thread_faults() - faults;
}

template <typename Call> void hotpath(const Call &call) {
    const auto count = static_cast<unsigned>(option("threads"));
    std::atomic<unsigned> missing{count};
    std::vector<Samples> samples(count);
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < count; ++thread) {
        threads.emplace_back([&, thread] { caller(call, thread, missing, samples[thread]); });
    }
    for (unsigned thread = 0; thread < count; ++thread) {
        threads[thread].join();
        samples[thread].save(thread);
    }
}

std::size_t dropped() { return spdlog::thread_pool()->overrun_counter(); }

// Everything is in the file when the pool's worker has ended.
void finish() {
    std::printf("dropped %zu\n", dropped());
    logger.reset();
    spdlog::shutdown();
}

template <typename Call> void throughput(const Call &call) {
    const auto count = static_cast<unsigned>(option("threads"));
    const auto records = option("records");
    std::atomic<std::uint64_t> callers_cpu{0};
    const auto start = clock_nanoseconds(CLOCK_MONOTONIC);
    const auto cpu = process_cpu();
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < count; ++thread) {
        threads.emplace_back([&, thread] {
            const auto before = clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
            for (std::uint64_t i = 0; i < records; ++i) {
                call(fields_of(thread, i));
            }
            callers_cpu += clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID) - before;
        });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    const auto called = clock_nanoseconds(CLOCK_MONOTONIC);
    finish();
    const auto end = clock_nanoseconds(CLOCK_MONOTONIC);
    std::printf("calling %llu\n", static_cast<unsigned long long>(called - start));
    std::printf("whole %llu\n", static_cast<unsigned long long>(end - start));
    std::printf("callers_cpu %llu\n", static_cast<unsigned long long>(callers_cpu.load()));
    std::printf("process_cpu %llu\n", static_cast<unsigned long long>(process_cpu() - cpu));
}

void disabled() {
    pin(std::thread::hardware_concurrency() - 1);
    const auto chunks = option("chunks"), calls = option("calls");
    const auto f = fields_of(0, 7);
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
        const auto start = now();
        for (std::uint64_t i = 0; i < calls; ++i) {
            asm volatile("" : : "r"(&f) : "memory");
        }
        const auto middle = now();
        for (std::uint64_t i = 0; i < calls; ++i) {
            asm volatile("" : : "r"(&f) : "memory");
            logger->debug("order accepted seq={} delta={} price={} client={}", f.seq, f.delta, f.price, f.client);
        }
        const auto full = now() - middle, empty = middle - start;
        std::printf("chunk %llu\n", static_cast<unsigned long long>(full > empty ? full - empty : 0));
    }
}

double share(const std::function<void()> &during) {
    const auto start = clock_nanoseconds(CLOCK_MONOTONIC), cpu = process_cpu();
    during();
    const auto used = static_cast<double>(process_cpu() - cpu);
    return used / static_cast<double>(clock_nanoseconds(CLOCK_MONOTONIC) - start) * 100.0;
}

void idle() {
    std::uint64_t next = 0;
    auto log = [&] { WithFields{}(fields_of(0, next++)); };
    const auto seconds = option("seconds");
    log();
    sleep_nanoseconds(1000000000ULL);
    const auto silent = share([&] { sleep_nanoseconds(seconds * 1000000000ULL); });
    const auto steady = share([&] {
        for (std::uint64_t i = 0; i < seconds; ++i) {
            log();
            sleep_nanoseconds(1000000000ULL);
        }
    });
    std::printf("silent_percent %f\none_a_second_percent %f\n", silent, steady);
}

void start() {
    const auto slots = option("queue_bytes") / sizeof(spdlog::details::async_msg);
    spdlog::init_thread_pool(slots, 1);
    logger = spdlog::basic_logger_mt<spdlog::async_factory>("spdlog", options["file"]);
}

} // namespace

int main(int count, char **words) {
    if (count < 2) {
        std::fprintf(stderr, "started by bench-compare, not by hand\n");
        return 2;
    }
    for (int i = 2; i < count; ++i) {
        const std::string word = words[i];
        const auto equals = word.find('=');
        options[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    cycles = option("cycles") != 0;
    const std::string bench = words[1];
    const bool fields = options["shape"] == "fields";
    std::printf("version %d\n", SPDLOG_VERSION);
    start();
    if (bench == "throughput") {
        fields ? throughput(WithFields{}) : throughput(MessageOnly{});
        return 0;
    }
    if (bench == "hotpath") {
        fields ? hotpath(WithFields{}) : hotpath(MessageOnly{});
    } else if (bench == "disabled") {
        disabled();
    } else if (bench == "idle") {
        idle();
    } else {
        return 2;
    }
    finish();
    return 0;
}

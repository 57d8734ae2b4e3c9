//! Where a file's lines come from, as its path tells.
//!
//! Takes the path of a log that a container runtime writes, gives the service and the fields that
//! each record gets: Docker (`/var/lib/docker/containers/ID/ID-json.log`, the name and the image
//! from `config.v2.json` beside it) and Kubernetes (`/var/log/pods/NAMESPACE_POD_UID/CONTAINER/N.log`
//! and `/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log`). Every other file has its path as field
//! and its name as service. What is in those files is data of others: a file that cannot be read, or
//! is not as expected, only means fewer fields.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use logloom_record::Value;

/// The largest description of a container that is read, in bytes.
const CONFIG_BYTES_MAX: u64 = 4 << 20;

/// The longest name that is taken from outside, in characters.
const NAME_CHARACTERS_MAX: usize = 64;

/// What a path tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) service: String,
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Origin {
    pub(super) fn of(path: &Path) -> Self {
        kubernetes(path).or_else(|| docker(path)).unwrap_or_else(|| Self {
            service: service_of(path),
            fields: vec![("path", path.display().to_string())],
        })
    }

    /// The fields as a record has them.
    pub(super) fn values(&self) -> Vec<(String, Value)> {
        let value = |(name, text): &(&str, String)| ((*name).to_owned(), Value::Text(text.clone()));
        self.fields.iter().map(value).collect()
    }

    fn container(service: &str, path: &Path, fields: &[(&'static str, &str)]) -> Self {
        let mut all = vec![("path", path.display().to_string())];
        let given = fields.iter().filter(|(_, text)| !text.is_empty());
        all.extend(given.map(|(name, text)| (*name, (*text).to_owned())));
        Self { service: short(service), fields: all }
    }
}

fn kubernetes(path: &Path) -> Option<Origin> {
    let name = path.file_name()?.to_str()?;
    let parent = path.parent()?;
    if parent.file_name()? == "containers" && name.ends_with(".log") {
        let mut parts = name.strip_suffix(".log")?.splitn(3, '_');
        let (pod, namespace) = (parts.next()?, parts.next()?);
        let (container, id) = parts.next()?.rsplit_once('-')?;
        let is_id = id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        return is_id.then(|| {
            let fields = [
                ("k8s.namespace", namespace),
                ("k8s.pod", pod),
                ("k8s.container", container),
                ("container.id", id),
            ];
            Origin::container(container, path, &fields)
        });
    }
    let container = parent.file_name()?.to_str()?;
    let above = parent.parent()?;
    if above.parent()?.file_name()? != "pods" {
        return None;
    }
    let mut parts = above.file_name()?.to_str()?.splitn(3, '_');
    let (namespace, pod, uid) = (parts.next()?, parts.next()?, parts.next()?);
    let restarts = name.split('.').next().filter(|number| number.parse::<u64>().is_ok());
    let fields = [
        ("k8s.namespace", namespace),
        ("k8s.pod", pod),
        ("k8s.pod_uid", uid),
        ("k8s.container", container),
        ("k8s.restarts", restarts.unwrap_or_default()),
    ];
    Some(Origin::container(container, path, &fields))
}

fn docker(path: &Path) -> Option<Origin> {
    let directory = path.parent()?;
    let id = directory.file_name()?.to_str()?;
    if directory.parent()?.file_name()? != "containers"
        || !path.file_name()?.to_str()?.starts_with(&format!("{id}-json.log"))
    {
        return None;
    }
    let config = read(&directory.join("config.v2.json"));
    let text = |pointer: &str| {
        let found = config.as_ref().and_then(|config| config.pointer(pointer)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    let name = text("/Name");
    let name = name.trim_start_matches('/');
    let service = if name.is_empty() { id.get(..12).unwrap_or(id) } else { name };
    let image = text("/Config/Image");
    let fields = [("container.id", id), ("container.name", name), ("container.image", &image)];
    Some(Origin::container(service, path, &fields))
}

fn read(path: &Path) -> Option<serde_json::Value> {
    let mut bytes = Vec::new();
    let file = File::open(path)
        .ok()
        .filter(|file| file.metadata().is_ok_and(|metadata| metadata.is_file()))?;
    file.take(CONFIG_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The name of a file up to its first dot.
fn service_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let stem = name.trim_start_matches('.').split('.').next().unwrap_or_default();
    if stem.is_empty() { "unknown".to_owned() } else { short(stem) }
}

fn short(name: &str) -> String {
    name.chars().take(NAME_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn field<'a>(origin: &'a Origin, name: &str) -> &'a str {
        let found = origin.fields.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, text)| text.as_str())
    }

    #[test]
    fn services_are_named_after_files() {
        let check = |path: &str, expect: &str| assert_eq!(service_of(Path::new(path)), expect);
        check("/var/log/dpkg.log", "dpkg");
        check("/var/log/syslog.1", "syslog");
        check("app", "app");
        check("/x/.hidden.log", "hidden");
        check("/", "unknown");
    }

    #[test]
    fn pods_are_told_by_their_paths() {
        let origin =
            Origin::of(Path::new("/var/log/pods/kube-system_coredns-5d78_0f1c-aa/coredns/3.log"));
        assert_eq!(origin.service, "coredns");
        assert_eq!(field(&origin, "k8s.namespace"), "kube-system");
        assert_eq!(field(&origin, "k8s.pod"), "coredns-5d78");
        assert_eq!(field(&origin, "k8s.pod_uid"), "0f1c-aa");
        assert_eq!(field(&origin, "k8s.container"), "coredns");
        assert_eq!(field(&origin, "k8s.restarts"), "3");
        let id = "ab".repeat(32);
        let path = format!("/var/log/containers/web-1_shop_nginx-proxy-{id}.log");
        let origin = Origin::of(Path::new(&path));
        assert_eq!(origin.service, "nginx-proxy");
        assert_eq!(field(&origin, "k8s.pod"), "web-1");
        assert_eq!(field(&origin, "k8s.namespace"), "shop");
        assert_eq!(field(&origin, "container.id"), id);
        let origin = Origin::of(Path::new("/var/log/containers/plain.log"));
        assert_eq!((origin.service.as_str(), origin.fields.len()), ("plain", 1));
    }

    #[test]
    fn docker_tells_name_and_image_beside_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let id = "0123456789abcdef";
        let directory = folder.path().join("containers").join(id);
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(format!("{id}-json.log"));
        assert_eq!(Origin::of(&path).service, "0123456789ab");
        let config = r#"{"Name":"/shop-web","Config":{"Image":"nginx:1.29"}}"#;
        std::fs::write(directory.join("config.v2.json"), config).unwrap();
        let origin = Origin::of(&path);
        assert_eq!(origin.service, "shop-web");
        assert_eq!(field(&origin, "container.name"), "shop-web");
        assert_eq!(field(&origin, "container.image"), "nginx:1.29");
        assert_eq!(field(&origin, "container.id"), id);
        std::fs::write(directory.join("config.v2.json"), "no json").unwrap();
        assert_eq!(Origin::of(&path).service, "0123456789ab");
    }
}

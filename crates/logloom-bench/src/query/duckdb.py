import json, sys, time
import duckdb

connection = duckdb.connect()
# Its bar would stand among the answers.
connection.execute("SET enable_progress_bar = false")
for line in sys.stdin:
    order = json.loads(line)
    try:
        if order.get("view"):
            connection.execute(order["view"])
        begun = time.perf_counter()
        rows = connection.execute(order["sql"]).fetchall()
        seconds = time.perf_counter() - begun
        texts = [[None if value is None else str(value) for value in row] for row in rows]
        reply = {"seconds": seconds, "rows": texts}
    except Exception as error:
        reply = {"seconds": 0, "error": str(error)}
    print(json.dumps(reply), flush=True)

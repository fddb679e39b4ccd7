// Adds a part of a trace to its row, or makes the row.

const IS_ABOVE =
  "excluded.rooted > rooted OR (excluded.rooted = rooted AND excluded.started_at < started_at)";
/** Of a row with the services of a part: each of them once. SQLite cuts a text at its first NUL, also within a name: that ends it as well. */
const ALL_SERVICES = `(WITH RECURSIVE parts(known, rest) AS (
    SELECT services, substr(excluded.services, 2)
    UNION ALL
    SELECT
      iif(instr(known, char(10) || substr(rest, 1, instr(rest, char(10)))) > 0, known, substr(known || substr(rest, 1, instr(rest, char(10))), 1, 2000)),
      substr(rest, instr(rest, char(10)) + 1)
    FROM parts WHERE instr(rest, char(10)) > 0
  ) SELECT known FROM parts WHERE instr(rest, char(10)) = 0)`;

export const TRACE_UPSERT = `
  INSERT INTO traces (id, trace_id, started_at, ended_at, root_service, root_name, rooted, services, spans, errors)
  VALUES (?,?,?,?,?,?,?,?,?,?)
  ON CONFLICT (trace_id) DO UPDATE SET
    id = excluded.id,
    root_service = iif(${IS_ABOVE}, excluded.root_service, root_service),
    root_name = iif(${IS_ABOVE}, excluded.root_name, root_name),
    rooted = max(rooted, excluded.rooted),
    started_at = min(started_at, excluded.started_at),
    ended_at = max(ended_at, excluded.ended_at),
    services = iif(services = excluded.services, services, ${ALL_SERVICES}),
    spans = spans + excluded.spans,
    errors = errors + excluded.errors`;

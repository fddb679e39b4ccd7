// The tables of the history. Times are epoch milliseconds; an id is a time of arrival in milliseconds, times 1,024, and a number; of a trace
// that of its latest span.

/** Raised with each change: an older history is dropped. */
export const SCHEMA_VERSION = 6;

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS spans (
    id INTEGER PRIMARY KEY, trace_id TEXT, span_id TEXT, parent_span_id TEXT, service TEXT, instance TEXT, name TEXT,
    kind TEXT, started_at REAL, duration_ms REAL, failed INTEGER, attributes TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS spans_of_trace ON spans (trace_id);
  CREATE TABLE IF NOT EXISTS traces (
    id INTEGER, trace_id TEXT PRIMARY KEY, started_at REAL, ended_at REAL, root_service TEXT, root_name TEXT, rooted INTEGER,
    services TEXT, spans INTEGER, errors INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS traces_by_arrival ON traces (id);
  CREATE INDEX IF NOT EXISTS traces_by_time ON traces (started_at);
  CREATE TABLE IF NOT EXISTS subjects (id INTEGER PRIMARY KEY, subject TEXT, trace_id TEXT, UNIQUE (subject, trace_id)) STRICT;
  CREATE TABLE IF NOT EXISTS logs (
    id INTEGER PRIMARY KEY, at REAL, service TEXT, instance TEXT, level INTEGER, message TEXT, trace_id TEXT, span_id TEXT,
    fields TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS logs_of_trace ON logs (trace_id) WHERE trace_id IS NOT NULL;
  CREATE TABLE IF NOT EXISTS points (id INTEGER PRIMARY KEY, at REAL, name TEXT, labels TEXT, value REAL) STRICT;
  CREATE INDEX IF NOT EXISTS points_of_metric ON points (name, at);
  CREATE TABLE IF NOT EXISTS orders (
    id INTEGER, order_id TEXT PRIMARY KEY, payment_id TEXT, buyer TEXT, seller TEXT, status TEXT, total INTEGER,
    currency TEXT, created_at REAL, updated_at REAL, counted TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS orders_by_arrival ON orders (id);
  CREATE INDEX IF NOT EXISTS orders_by_time ON orders (created_at);
  CREATE INDEX IF NOT EXISTS orders_by_status ON orders (status, created_at);
  CREATE INDEX IF NOT EXISTS orders_of_buyer ON orders (buyer, created_at);
  CREATE INDEX IF NOT EXISTS orders_of_seller ON orders (seller, created_at);
  CREATE INDEX IF NOT EXISTS orders_by_payment ON orders (payment_id);
  CREATE TABLE IF NOT EXISTS notices (id INTEGER PRIMARY KEY, order_id TEXT, notification_id TEXT UNIQUE, mailed INTEGER) STRICT;
  CREATE INDEX IF NOT EXISTS notices_of_order ON notices (order_id);
  CREATE TABLE IF NOT EXISTS acknowledged (id INTEGER PRIMARY KEY, order_id TEXT, what TEXT, key TEXT, amount INTEGER,
    recorded INTEGER,
    UNIQUE (order_id, what, key)) STRICT;
  CREATE TABLE IF NOT EXISTS writes (
    id INTEGER PRIMARY KEY, at REAL, order_id TEXT, item TEXT, item_id TEXT, version INTEGER, whole INTEGER, changes TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS writes_of_order ON writes (order_id);
  CREATE TABLE IF NOT EXISTS sent (
    id INTEGER PRIMARY KEY, at REAL, kind TEXT, outcome TEXT, user TEXT, order_id TEXT, host TEXT, status INTEGER, error TEXT,
    attempt INTEGER, duration_ms REAL, trace_id TEXT, notification TEXT, webhook TEXT, message TEXT, bytes INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS sent_to_user ON sent (user);
  CREATE INDEX IF NOT EXISTS sent_of_order ON sent (order_id);
  CREATE INDEX IF NOT EXISTS sent_by_outcome ON sent (outcome);
`;

/**
 * Big tables (`inbox`, `outbox`, `turns`, `conversations`) are append-mostly histories; small tables (`queue_*`, `*_heads`, `timers`,
 * `seen`) hold what is unfinished and stay dense, so that a group of operations touches few pages.
 *
 * `inbox`, `outbox` and `turns` carry no index by conversation: each row names its predecessor (`prev`), and the conversation names
 * the last one. An index over a million rows at scattered places costs about 40 us a row (measured 2026-11), the chain costs nothing,
 * and only people read it (timeline).
 */
export const sql = `
CREATE TABLE sequence (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
INSERT INTO sequence VALUES (1, 0);

CREATE TABLE conversations (
  cid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  external_id TEXT NOT NULL,
  buyer_id TEXT,
  customer_token TEXT,
  buyer_name TEXT,
  owner TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  episode INTEGER NOT NULL,
  language TEXT,
  last_buyer_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  last_inbox INTEGER,
  last_outbox INTEGER,
  last_turn INTEGER,
  undo_ids TEXT,
  facts TEXT NOT NULL,
  desk TEXT NOT NULL,
  bot TEXT NOT NULL,
  undo TEXT
);
CREATE INDEX conversations_token ON conversations (customer_token) WHERE customer_token IS NOT NULL;
CREATE INDEX conversations_external ON conversations (external_id);
CREATE INDEX conversations_untouched ON conversations (updated_at) WHERE last_turn IS NULL;

CREATE TABLE desk_sessions (session_id TEXT NOT NULL, cid INTEGER NOT NULL, PRIMARY KEY (session_id, cid)) WITHOUT ROWID;

-- An id is split at its last colon: platform ids grow with time, so rows of this table arrive nearly in order, and a bare platform id finds them.
CREATE TABLE seen (
  tail TEXT NOT NULL,
  head TEXT NOT NULL,
  body_hash TEXT,
  seen_at INTEGER NOT NULL,
  cid INTEGER,
  PRIMARY KEY (tail, head)
) WITHOUT ROWID;

-- status: 0 for a turn, 1 recorded only, 2 dead, 3 dropped by a person.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  cid INTEGER,
  prev INTEGER,
  received_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  status INTEGER NOT NULL,
  message_id TEXT,
  reason TEXT,
  event TEXT NOT NULL
);

-- burst: 1 a buyer's line that waits for more, 2 one that does not wait. token: the lease that started it last.
CREATE TABLE queue_in (
  cid INTEGER NOT NULL,
  id INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  burst INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  timer TEXT,
  token INTEGER,
  PRIMARY KEY (cid, id)
) WITHOUT ROWID;

-- hold_until: after a failed turn nothing of the conversation overtakes the rows that wait for their repeat.
CREATE TABLE in_heads (
  cid INTEGER PRIMARY KEY,
  due_at INTEGER NOT NULL,
  hold_until INTEGER NOT NULL,
  last_inbox INTEGER,
  lease_owner TEXT,
  lease_token INTEGER
);
CREATE INDEX in_heads_ready ON in_heads (due_at) WHERE lease_owner IS NULL;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  cid INTEGER NOT NULL,
  prev INTEGER,
  ref TEXT NOT NULL,
  side TEXT NOT NULL,
  origin TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  turn_id TEXT NOT NULL,
  mergeable INTEGER NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_at INTEGER,
  external_id TEXT,
  reason TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  variants TEXT NOT NULL
);
CREATE INDEX outbox_external ON outbox (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE queue_out (
  cid INTEGER NOT NULL,
  side TEXT NOT NULL,
  id INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_at INTEGER,
  batch INTEGER,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (cid, side, id)
) WITHOUT ROWID;

CREATE TABLE out_heads (
  cid INTEGER NOT NULL,
  side TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  lease_owner TEXT,
  lease_token INTEGER,
  PRIMARY KEY (cid, side)
) WITHOUT ROWID;
CREATE INDEX out_heads_ready ON out_heads (due_at) WHERE lease_owner IS NULL;

CREATE TABLE turns (
  id INTEGER PRIMARY KEY,
  cid INTEGER NOT NULL,
  prev INTEGER,
  turn_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  handled TEXT NOT NULL,
  notes TEXT NOT NULL
);

CREATE TABLE timers (
  cid INTEGER NOT NULL,
  name TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  PRIMARY KEY (cid, name)
) WITHOUT ROWID;
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE dead (
  box TEXT NOT NULL,
  row_id INTEGER NOT NULL,
  cid INTEGER NOT NULL,
  side TEXT NOT NULL,
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  what TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (box, row_id)
) WITHOUT ROWID;

CREATE TABLE aside (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  raw TEXT NOT NULL,
  channel TEXT,
  shop_id TEXT,
  identity TEXT
);
CREATE UNIQUE INDEX aside_identity ON aside (identity) WHERE identity IS NOT NULL;
CREATE INDEX aside_shop ON aside (channel, shop_id);

CREATE TABLE shops (
  channel TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  name TEXT NOT NULL,
  region TEXT,
  status TEXT NOT NULL,
  info TEXT NOT NULL,
  PRIMARY KEY (channel, shop_id)
) WITHOUT ROWID;

CREATE TABLE credentials (
  channel TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  sealed TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (channel, shop_id)
) WITHOUT ROWID;

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE workers (id TEXT PRIMARY KEY, alive_until INTEGER NOT NULL) WITHOUT ROWID;
`;

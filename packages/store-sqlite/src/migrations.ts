/**
 * The schema, as numbered steps. A step that was released is never edited: a change is a new one.
 * Times are milliseconds since 1970; `labels`, `data`, `changed`, `events`, `templates`, `signal`, `escalation`, `times`
 * and `matchers` are JSON text.
 */
export const migrations: readonly { name: string; sql: string }[] = [
  {
    name: '001-groups-members-events-deliveries',
    sql: `
      CREATE TABLE groups (
        seq INTEGER PRIMARY KEY,
        source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 128),
        key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 512),
        status TEXT NOT NULL,
        severity TEXT NOT NULL,
        firing_by_severity TEXT NOT NULL,
        firing INTEGER NOT NULL CHECK (firing >= 0),
        members INTEGER NOT NULL,
        events INTEGER NOT NULL,
        incarnation INTEGER NOT NULL,
        opened_by INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        resolved_at INTEGER,
        acknowledged_by TEXT,
        acknowledged_at INTEGER,
        silenced_by TEXT,
        silenced_until INTEGER,
        previous INTEGER
      );
      CREATE INDEX groups_by_key ON groups (source, key, seq);
      CREATE UNIQUE INDEX one_open_group ON groups (source, key) WHERE status <> 'resolved';
      CREATE INDEX groups_by_status ON groups (status, seq);
      CREATE INDEX groups_silenced ON groups (seq) WHERE silenced_until IS NOT NULL;

      CREATE TABLE members (
        group_seq INTEGER NOT NULL,
        source TEXT NOT NULL,
        fingerprint TEXT NOT NULL CHECK (length(fingerprint) BETWEEN 1 AND 512),
        status TEXT NOT NULL,
        severity INTEGER NOT NULL,
        labels TEXT NOT NULL,
        data TEXT NOT NULL,
        started_at INTEGER,
        firing_since INTEGER NOT NULL,
        resolved_at INTEGER,
        at INTEGER,
        said TEXT NOT NULL,
        closed_by_person_at INTEGER,
        newest INTEGER NOT NULL,
        identity INTEGER NOT NULL
      );
      -- Nearly every row is the newest of its fingerprint, so that a new one goes into one of these two alone.
      CREATE INDEX members_newest ON members (identity) WHERE newest = 1;
      CREATE UNIQUE INDEX members_earlier ON members (group_seq, fingerprint) WHERE newest = 0;
      CREATE INDEX members_by_weight ON members (group_seq, status, severity, firing_since);

      CREATE TABLE events (
        group_seq INTEGER NOT NULL,
        number INTEGER NOT NULL,
        kind TEXT NOT NULL,
        at INTEGER NOT NULL,
        vendor_at INTEGER,
        actor TEXT,
        comment TEXT,
        incarnation INTEGER NOT NULL,
        worse INTEGER NOT NULL,
        quiet INTEGER NOT NULL,
        status TEXT NOT NULL,
        severity TEXT NOT NULL,
        firing INTEGER NOT NULL,
        members INTEGER NOT NULL,
        changed TEXT NOT NULL
      );
      CREATE UNIQUE INDEX events_by_number ON events (group_seq, number);

      CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY,
        group_seq INTEGER NOT NULL,
        subscription TEXT NOT NULL,
        target TEXT NOT NULL,
        address TEXT,
        mode TEXT NOT NULL,
        events TEXT NOT NULL,
        wait INTEGER NOT NULL,
        interval INTEGER NOT NULL,
        wording TEXT,
        cursor INTEGER NOT NULL,
        told_status TEXT,
        told_at INTEGER,
        ref TEXT,
        due INTEGER,
        attempt INTEGER NOT NULL,
        failing_since INTEGER,
        lease_until INTEGER,
        claims INTEGER NOT NULL,
        fence INTEGER NOT NULL,
        dead TEXT
      );
      CREATE UNIQUE INDEX deliveries_by_group ON deliveries (group_seq, subscription);
      CREATE INDEX deliveries_due ON deliveries (target, due) WHERE due IS NOT NULL;
      CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE lease_until IS NOT NULL;

      CREATE TABLE attempts (
        id INTEGER PRIMARY KEY,
        group_seq INTEGER NOT NULL,
        subscription TEXT NOT NULL,
        target TEXT NOT NULL,
        event INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        duration INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT,
        request TEXT,
        response TEXT,
        error TEXT
      );
      CREATE INDEX attempts_by_group ON attempts (group_seq, id);
      CREATE INDEX attempts_by_target ON attempts (target, id);

      -- is_rejected: it couldn't be read; the others are a sample of those that could.
      CREATE TABLE requests (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        is_rejected INTEGER NOT NULL,
        reason TEXT,
        path TEXT NOT NULL,
        content_type TEXT NOT NULL,
        body TEXT NOT NULL
      );
      CREATE INDEX requests_by_source ON requests (source, is_rejected, id);

      CREATE TABLE seen (
        source TEXT NOT NULL,
        delivery_id TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (source, delivery_id)
      ) WITHOUT ROWID;
      CREATE INDEX seen_by_age ON seen (at);

      CREATE TABLE pinned (
        source TEXT PRIMARY KEY CHECK (length(source) BETWEEN 1 AND 128),
        package TEXT NOT NULL,
        version TEXT NOT NULL,
        pinned_at INTEGER NOT NULL,
        templates TEXT NOT NULL
      ) WITHOUT ROWID;

      CREATE TABLE timers (
        source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 128),
        fingerprint TEXT NOT NULL CHECK (length(fingerprint) BETWEEN 1 AND 512),
        due INTEGER NOT NULL,
        period INTEGER NOT NULL,
        signal TEXT NOT NULL,
        PRIMARY KEY (source, fingerprint)
      );
      CREATE INDEX timers_due ON timers (due);

      CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

      -- applied: the number of the last journal entry that the tables hold; rules: those that were in force then;
      -- seed: of the members' identities.
      CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
      INSERT INTO meta VALUES ('seed', abs(random() % 4294967296));
    `,
  },
  {
    name: '002-holds-silences-lanes',
    sql: `
      ALTER TABLE deliveries ADD COLUMN repeat INTEGER;
      ALTER TABLE deliveries ADD COLUMN escalation TEXT;
      -- None: at any time.
      ALTER TABLE deliveries ADD COLUMN times TEXT;
      ALTER TABLE deliveries ADD COLUMN held TEXT;

      CREATE TABLE silences (
        id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
        seq INTEGER NOT NULL UNIQUE,
        matchers TEXT NOT NULL,
        starts_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        comment TEXT NOT NULL,
        author TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX silences_by_end ON silences (ends_at);

      -- What a target said of all that goes to it. paused_until: no request before; disabled: why there is none at all, until
      -- its config is another.
      CREATE TABLE lanes (
        target TEXT PRIMARY KEY,
        paused_until INTEGER,
        disabled TEXT,
        disabled_at INTEGER,
        config TEXT
      ) WITHOUT ROWID;

      -- Numbers of events that are told again, oldest first; none: null.
      ALTER TABLE deliveries ADD COLUMN replays TEXT;

      CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY,
        group_seq INTEGER NOT NULL,
        subscription TEXT NOT NULL,
        target TEXT NOT NULL,
        event INTEGER NOT NULL,
        cause TEXT NOT NULL,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL,
        retried_at INTEGER
      );
      CREATE INDEX dead_letters_open ON dead_letters (target, cause, id) WHERE retried_at IS NULL;
      CREATE INDEX dead_letters_by_group ON dead_letters (group_seq, id);

      CREATE INDEX groups_by_end ON groups (resolved_at) WHERE status = 'resolved';
    `,
  },
  {
    name: '003-stored',
    sql: `
      -- Characters of its members' data.
      ALTER TABLE groups ADD COLUMN stored INTEGER NOT NULL DEFAULT 0;
      UPDATE groups SET stored = coalesce((SELECT sum(length(data)) FROM members WHERE group_seq = seq), 0);
    `,
  },
  {
    name: '004-records-channels',
    sql: `
      -- What the API made and the host understands.
      CREATE TABLE records (
        kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
        id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 256),
        value TEXT NOT NULL,
        author TEXT NOT NULL,
        written_at INTEGER NOT NULL,
        PRIMARY KEY (kind, id)
      ) WITHOUT ROWID;

      -- The named subscription of a channel that it comes from; none: of routes.
      ALTER TABLE deliveries ADD COLUMN channel TEXT;
    `,
  },
  {
    name: '005-posts',
    sql: `
      -- What is told of a subscription whose target edits; the rest of its events change what is there. Null: everything.
      ALTER TABLE deliveries ADD COLUMN posts TEXT;
    `,
  },
];

CREATE TABLE arrival (
	pipeline TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	path TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	mtime BIGINT NOT NULL, 
	digest TEXT NOT NULL, 
	CONSTRAINT pk_arrival PRIMARY KEY (pipeline, "trigger", path)
);
CREATE TABLE attempt (
	id TEXT NOT NULL, 
	step_run TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	fence BIGINT NOT NULL, 
	folder TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	ended_at TEXT NOT NULL, 
	cells TEXT NOT NULL, 
	error TEXT, 
	owner TEXT NOT NULL, not_before TEXT DEFAULT '' NOT NULL, lease_until TEXT DEFAULT '' NOT NULL, cause TEXT DEFAULT '' NOT NULL, worker TEXT DEFAULT '' NOT NULL, kept_until TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_attempt PRIMARY KEY (id), 
	CONSTRAINT fk_attempt_step_run FOREIGN KEY(step_run) REFERENCES step_run (id), 
	CONSTRAINT fk_attempt_owner FOREIGN KEY(owner) REFERENCES owner (id), 
	CONSTRAINT uq_attempt_fence UNIQUE (fence), 
	CONSTRAINT uq_attempt_step_run_number UNIQUE (step_run, number)
);
CREATE TABLE audit_entry (
	seq BIGINT NOT NULL, 
	at TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_audit_entry PRIMARY KEY (seq)
);
CREATE TABLE check_result (
	id INTEGER NOT NULL, 
	snapshot BIGINT NOT NULL, 
	definition TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	observed TEXT NOT NULL, 
	expected TEXT NOT NULL, 
	failing BIGINT NOT NULL, 
	rows BIGINT NOT NULL, 
	sample TEXT NOT NULL, 
	seconds FLOAT NOT NULL, 
	error TEXT NOT NULL, 
	CONSTRAINT pk_check_result PRIMARY KEY (id), 
	CONSTRAINT fk_check_result_snapshot FOREIGN KEY(snapshot) REFERENCES snapshot (id)
);
CREATE TABLE counter (
	name TEXT NOT NULL, 
	value BIGINT NOT NULL, 
	CONSTRAINT pk_counter PRIMARY KEY (name)
);
INSERT INTO "counter" VALUES('fence',0);
INSERT INTO "counter" VALUES('audit',0);
CREATE TABLE data_file (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	rows BIGINT NOT NULL, 
	bytes BIGINT NOT NULL, 
	digest TEXT NOT NULL, 
	partition TEXT NOT NULL, 
	CONSTRAINT pk_data_file PRIMARY KEY (id), 
	CONSTRAINT uq_data_file_path UNIQUE (path)
);
CREATE TABLE data_schema (
	id TEXT NOT NULL, 
	columns TEXT NOT NULL, 
	CONSTRAINT pk_data_schema PRIMARY KEY (id)
);
CREATE TABLE dataset (
	name TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	description TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	tags TEXT NOT NULL, 
	CONSTRAINT pk_dataset PRIMARY KEY (name)
);
CREATE TABLE dataset_read (
	id INTEGER NOT NULL, 
	attempt TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	snapshot BIGINT NOT NULL, 
	cell INTEGER, 
	columns TEXT NOT NULL, 
	CONSTRAINT pk_dataset_read PRIMARY KEY (id), 
	CONSTRAINT fk_dataset_read_attempt FOREIGN KEY(attempt) REFERENCES attempt (id), 
	CONSTRAINT fk_dataset_read_dataset FOREIGN KEY(dataset) REFERENCES dataset (name), 
	CONSTRAINT fk_dataset_read_snapshot FOREIGN KEY(snapshot) REFERENCES snapshot (id)
);
CREATE TABLE dataset_search (
	dataset TEXT NOT NULL, 
	words TEXT NOT NULL, 
	columns TEXT NOT NULL, 
	about TEXT NOT NULL, 
	CONSTRAINT pk_dataset_search PRIMARY KEY (dataset), 
	CONSTRAINT fk_dataset_search_dataset FOREIGN KEY(dataset) REFERENCES dataset (name)
);
CREATE TABLE lease (
	name TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started TEXT NOT NULL, 
	boot TEXT NOT NULL, 
	host TEXT NOT NULL, 
	fence BIGINT NOT NULL, 
	beats BIGINT NOT NULL, 
	taken_at TEXT NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (name)
);
CREATE TABLE lineage_edge (
	id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	target TEXT NOT NULL, 
	source_snapshot BIGINT NOT NULL, 
	target_snapshot BIGINT NOT NULL, 
	run TEXT NOT NULL, 
	step TEXT NOT NULL, 
	attempt TEXT NOT NULL, 
	cell INTEGER, 
	CONSTRAINT pk_lineage_edge PRIMARY KEY (id)
);
CREATE TABLE outbox (
	id TEXT NOT NULL, 
	run TEXT NOT NULL, 
	pipeline TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	occasion TEXT NOT NULL, 
	receiver TEXT NOT NULL, 
	title TEXT NOT NULL, 
	body TEXT NOT NULL, 
	state TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	next_at TEXT NOT NULL, 
	claimed_until TEXT NOT NULL, 
	error TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	sent_at TEXT NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id)
);
CREATE TABLE owner (
	id TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started TEXT NOT NULL, 
	boot TEXT NOT NULL, 
	host TEXT NOT NULL, 
	lease_until TEXT NOT NULL, ticks FLOAT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_owner PRIMARY KEY (id)
);
CREATE TABLE pointer (
	environment TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	snapshot BIGINT NOT NULL, 
	followed BIGINT, 
	moved_at TEXT NOT NULL, 
	CONSTRAINT pk_pointer PRIMARY KEY (environment, dataset), 
	CONSTRAINT fk_pointer_dataset FOREIGN KEY(dataset) REFERENCES dataset (name), 
	CONSTRAINT fk_pointer_snapshot FOREIGN KEY(snapshot) REFERENCES snapshot (id)
);
CREATE TABLE profile (
	snapshot BIGINT NOT NULL, 
	dataset TEXT NOT NULL, 
	rows BIGINT NOT NULL, 
	columns TEXT NOT NULL, 
	CONSTRAINT pk_profile PRIMARY KEY (snapshot), 
	CONSTRAINT fk_profile_snapshot FOREIGN KEY(snapshot) REFERENCES snapshot (id), 
	CONSTRAINT fk_profile_dataset FOREIGN KEY(dataset) REFERENCES dataset (name)
);
CREATE TABLE report (
	id TEXT NOT NULL, 
	run TEXT, 
	pipeline TEXT NOT NULL, 
	step TEXT NOT NULL, 
	title TEXT NOT NULL, 
	path TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_report PRIMARY KEY (id), 
	CONSTRAINT fk_report_run FOREIGN KEY(run) REFERENCES run (id)
);
CREATE TABLE run (
	id TEXT NOT NULL, 
	pipeline TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	state TEXT NOT NULL, 
	parameters TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	git_commit TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	ended_at TEXT NOT NULL, 
	error TEXT, 
	owner TEXT NOT NULL, nominal_at TEXT DEFAULT '' NOT NULL, deadline_at TEXT DEFAULT '' NOT NULL, cancel TEXT DEFAULT '' NOT NULL, "trigger" TEXT DEFAULT 'manual' NOT NULL, repairs INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_run PRIMARY KEY (id), 
	CONSTRAINT fk_run_owner FOREIGN KEY(owner) REFERENCES owner (id)
);
CREATE TABLE snapshot (
	id BIGINT NOT NULL, 
	dataset TEXT NOT NULL, 
	version INTEGER, 
	parent BIGINT, 
	data_schema TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	run TEXT, 
	step TEXT NOT NULL, 
	attempt TEXT, 
	cell INTEGER, 
	actor TEXT NOT NULL, 
	withheld BOOLEAN NOT NULL, 
	rows BIGINT NOT NULL, 
	bytes BIGINT NOT NULL, 
	notes TEXT NOT NULL, root BIGINT, 
	CONSTRAINT pk_snapshot PRIMARY KEY (id), 
	CONSTRAINT fk_snapshot_dataset FOREIGN KEY(dataset) REFERENCES dataset (name), 
	CONSTRAINT fk_snapshot_data_schema FOREIGN KEY(data_schema) REFERENCES data_schema (id), 
	CONSTRAINT fk_snapshot_run FOREIGN KEY(run) REFERENCES run (id), 
	CONSTRAINT fk_snapshot_attempt FOREIGN KEY(attempt) REFERENCES attempt (id), 
	CONSTRAINT uq_snapshot_dataset_version UNIQUE (dataset, version)
);
CREATE TABLE snapshot_file (
	snapshot BIGINT NOT NULL, 
	file INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_snapshot_file PRIMARY KEY (snapshot, file), 
	CONSTRAINT fk_snapshot_file_snapshot FOREIGN KEY(snapshot) REFERENCES snapshot (id), 
	CONSTRAINT fk_snapshot_file_file FOREIGN KEY(file) REFERENCES data_file (id)
);
CREATE TABLE standing (
	pipeline TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	since TEXT NOT NULL, 
	paused_at TEXT NOT NULL, 
	paused_by TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	CONSTRAINT pk_standing PRIMARY KEY (pipeline, "trigger")
);
CREATE TABLE step_run (
	id TEXT NOT NULL, 
	run TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	step TEXT NOT NULL, 
	notebook TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	fingerprint TEXT, 
	parameters TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	ended_at TEXT NOT NULL, 
	error TEXT, 
	recorded TEXT NOT NULL, 
	outputs TEXT NOT NULL, 
	report TEXT NOT NULL, base TEXT DEFAULT '' NOT NULL, likeness TEXT DEFAULT '' NOT NULL, "key" TEXT DEFAULT '{}' NOT NULL, partition TEXT DEFAULT '{}' NOT NULL, writes TEXT DEFAULT '[]' NOT NULL, fence BIGINT DEFAULT '0' NOT NULL, upstream TEXT DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_step_run PRIMARY KEY (id), 
	CONSTRAINT fk_step_run_run FOREIGN KEY(run) REFERENCES run (id), 
	CONSTRAINT uq_step_run_run_step UNIQUE (run, step)
);
CREATE TABLE tick (
	id TEXT NOT NULL, 
	pipeline TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	nominal TEXT NOT NULL, 
	nominal_at TEXT NOT NULL, 
	environment TEXT NOT NULL, 
	run TEXT NOT NULL, 
	parameters TEXT NOT NULL, 
	force BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	facts TEXT NOT NULL, 
	depth INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	not_before TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	moved_at TEXT NOT NULL, 
	CONSTRAINT pk_tick PRIMARY KEY (id), 
	CONSTRAINT uq_tick_run UNIQUE (run), 
	CONSTRAINT uq_tick_pipeline_trigger_nominal UNIQUE (pipeline, "trigger", nominal)
);
CREATE TABLE workbench_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT workbench_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "workbench_version" VALUES('0004');
CREATE INDEX ix_run_state ON run (state);
CREATE INDEX ix_run_created_at ON run (created_at);
CREATE INDEX ix_run_pipeline_environment_created_at ON run (pipeline, environment, created_at);
CREATE INDEX ix_step_run_step_state_ended_at ON step_run (step, state, ended_at);
CREATE INDEX ix_snapshot_run ON snapshot (run);
CREATE INDEX ix_snapshot_attempt ON snapshot (attempt);
CREATE INDEX ix_snapshot_dataset_created_at ON snapshot (dataset, created_at);
CREATE INDEX ix_dataset_read_attempt ON dataset_read (attempt);
CREATE INDEX ix_dataset_read_dataset ON dataset_read (dataset);
CREATE INDEX ix_lineage_edge_source ON lineage_edge (source);
CREATE INDEX ix_lineage_edge_target ON lineage_edge (target);
CREATE INDEX ix_check_result_snapshot ON check_result (snapshot);
CREATE INDEX ix_report_pipeline_step_created_at ON report (pipeline, step, created_at);
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE INDEX ix_step_run_likeness ON step_run (likeness);
CREATE INDEX ix_step_run_base_state ON step_run (base, state);
CREATE INDEX ix_attempt_state ON attempt (state);
CREATE INDEX ix_tick_state ON tick (state);
CREATE INDEX ix_tick_pipeline_trigger_nominal_at ON tick (pipeline, "trigger", nominal_at);
CREATE INDEX ix_outbox_state_next_at ON outbox (state, next_at);
CREATE INDEX ix_outbox_created_at ON outbox (created_at);
CREATE INDEX ix_snapshot_root ON snapshot (root);

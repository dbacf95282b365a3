// Made by `python -m workbench.ui.server.types`: change the shapes in Python, then make it again.

/** What a plan says of a step; `decide` is settled when the steps before it have finished. */
export type Action = 'run' | 'skip' | 'decide';

export interface Arrow {
  from: string;
  to: string;
}

/** One try of a step. */
export interface Attempt {
  id: string;
  number: number;
  state: AttemptState;
  cause: string | null;
  worker: string | null;
  folder: string;
  not_before: string | null;
  started_at: string | null;
  ended_at: string | null;
  kept_until: string | null;
  error: Fault | null;
  cells: CellRun[];
}

/** The state of an attempt: `committed` when what it staged is published. */
export type AttemptState =
  'queued' | 'claimed' | 'running' | 'staged' | 'committed' | 'withheld' | 'failed' | 'cancelled' | 'lost';

/** A run that is about to begin. */
export interface Begun {
  run: string;
  pipeline: string;
  environment: string;
}

/** A project that was begun; `pipeline` is the one to run first. */
export interface BegunProject {
  pipeline: string;
}

/** Values of a column: from `label` on to `upto`, or the one value `label`; `rows` rows have them. */
export interface Bin {
  label: string;
  upto: string;
  rows: number;
}

/** A constant at the top of a cell that could be a parameter; `source` is its line as the cell would have it. `cell` counts from 1; `taken` when the proposal makes it one. */
export interface Candidate {
  name: string;
  type: string;
  source: string;
  cell: number;
  line: number;
  taken: boolean;
}

/** A cell that began or ended; `seconds` is null while it goes on. */
export interface CellNews {
  step: string;
  attempt: number;
  id: string;
  state: string;
  seconds: number | null;
}

/** A code cell as it stands; `number` is null before it began. */
export interface CellNow {
  id: string;
  number: number | null;
  source: string;
  state: string;
  started_at: string | null;
  seconds: number | null;
}

/** One cell on both sides. */
export interface CellPair {
  id: string;
  kind: string;
  change: Difference;
  number_before: number | null;
  number_after: number | null;
  source_change: Difference;
  source: Line[];
  outputs: OutputPair[];
  by_id: boolean;
  seconds_before: number | null;
  seconds_after: number | null;
}

/** What became of a cell; `number` is what people call it. */
export interface CellRun {
  index: number;
  number: number;
  id: string;
  state: CellState;
  started_at: string | null;
  seconds: number | null;
  peak_bytes: number | null;
  usual: Forecast | null;
}

/** The state of one cell in an attempt. */
export type CellState = 'not_run' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'restored' | 'lost';

/** How long a cell took in the last run, and usually (the median of `samples` earlier ones), in seconds. */
export interface CellTime {
  id: string;
  seconds: number | null;
  usual: number | null;
  samples: number;
}

/** The cells of a notebook that ran; `run` is empty when it never did. */
export interface CellTimes {
  run: string;
  step: string;
  cells: CellTime[];
}

/** The code cells of a step. */
export interface Cells {
  step: string;
  cells: CellNow[];
  more: boolean;
}

/** One difference between two fingerprints: a `component`, the `subject` in it, and how it changed. */
export interface Change {
  component: string;
  subject: string;
  detail: string;
}

/** A test on a dataset; `kind` is a key of `quality.checks.BUILTIN_CHECKS`, `arguments` plain JSON values. */
export interface Check {
  kind: string;
  column: string;
  arguments: Record<string, unknown>;
  severity: Severity;
  name: string;
  description: string;
}

/** The outcome of one check. */
export interface CheckResult {
  name: string;
  kind: string;
  column: string | null;
  arguments: Record<string, unknown>;
  severity: Severity;
  outcome: Outcome;
  observed: string;
  expected: string;
  failing: number;
  rows: number;
  seconds: number;
  blocks: boolean;
  error: string | null;
  sample: Record<string, unknown>[];
}

/** One column of the snapshot shown; what was measured of it is `None` when no profile was taken. */
export interface ColumnEntry {
  name: string;
  type: string;
  description: string;
  nulls: number | null;
  minimum: string | null;
  maximum: string | null;
}

/** A column that a cell makes of a dataset that the notebook writes, and who names it further on. */
export interface ColumnNote {
  cell: string;
  line: number;
  column: string;
  dataset: string;
  steps: string[];
  reports: string[];
}

/** Notes beside the cells of a notebook, in their order. */
export interface ColumnNotes {
  notes: ColumnNote[];
}

/** Two runs against each other. */
export interface Comparison {
  before: RunRow;
  after: RunRow;
  change: Difference;
  items: Item[];
  steps: StepPair[];
}

/** What fits between `start` and `end` (in characters of the source); `kind` is dataset, column or empty. */
export interface Completion {
  kind: string;
  start: number;
  end: number;
  suggestions: Suggestion[];
}

/** The source of a cell and where the cursor stands in it, in characters (code points). */
export interface CompletionRequest {
  source: string;
  offset: number;
}

/** What is promised of a dataset. */
export interface Contract {
  path: string;
  version: string;
  owner: string;
  description: string;
  columns: Promise[];
  checks: Check[];
}

/** The steps that the run's end waited for, one after another; seconds they were at work, and waited before that. */
export interface CriticalPath {
  steps: string[];
  busy: number;
  waited: number;
}

/** Whether a step would run: it would not, it would, that hangs on steps before it, or nobody can tell. */
export type Currency = 'fresh' | 'stale' | 'open' | 'unknown';

/** All that is known of a dataset, as one environment sees it. */
export interface Dataset {
  name: string;
  description: string;
  owner: string;
  tags: string[];
  created_at: string;
  environment: string;
  current: Record<string, number>;
  snapshot: Snapshot | null;
  columns: ColumnEntry[];
  contract: Contract | null;
  results: CheckResult[];
  withheld: CheckResult[];
  history: Snapshot[];
  readers: Use[];
  writers: Use[];
  inputs: InputEntry[];
  run: RunRow | null;
  step: StepRun | null;
  read: string;
}

/** How something of the earlier side stands to the same of the later one. */
export type Difference = 'same' | 'changed' | 'added' | 'removed';

/** Which way lineage is walked. */
export type Direction = 'upstream' | 'downstream' | 'both';

/** How the values of a snapshot are spread, by `looked` of its `rows` rows. */
export interface Distribution {
  dataset: string;
  version: number;
  looked: number;
  rows: number;
  columns: Spread[];
}

/** What a check-up found. */
export interface Doctor {
  ok: boolean;
  findings: Finding[];
}

/** A graph laid out, to be drawn: all numbers are pixels of a picture of `width` × `height`. `places` holds x, y, width and height of one box after another, `ends` the numbers of the two boxes of one arrow after another, `ways` the points of each arrow (x, y, x, y …), `back` the numbers of those that lead left. `focus` is the id of the box that it is about. `folded` maps the groups that are one box to how many each holds; `truncated` says that there is more. */
export interface Drawn {
  title: string;
  about: string;
  focus: string;
  width: number;
  height: number;
  boxes: DrawnBox[];
  places: number[];
  ends: number[];
  ways: number[][];
  back: number[];
  folded: Record<string, number>;
  truncated: boolean;
}

/** One box: `shown` and `fact` are its two lines as they fit into it, `name` and `detail` the whole of them. `look` is how its `state` looks, empty for none; `group` is what it can be folded into. */
export interface DrawnBox {
  id: string;
  kind: string;
  name: string;
  detail: string;
  state: string;
  look: string;
  word: string;
  shown: string;
  fact: string;
  group: string;
  members: number;
}

/** What an edit does: `to` is the notebook, the new name, the step waited for, or the parameter. `add` a step with a notebook, `remove` one, `rename` it, give it another `notebook`, let it wait `after` another, or be `free` of that, `set` one of its parameters, or `unset` it. */
export type EditKind = 'add' | 'remove' | 'rename' | 'notebook' | 'after' | 'free' | 'set' | 'unset';

/** A text, and what is to become of a step in it: `to` and `value` are as `kind` says. `to` is the notebook (`add`, `notebook`), the new name (`rename`), the step waited for (`after`, `free`) or the parameter (`set`, `unset`). `add` makes up a name where `step` is empty. */
export interface EditRequest {
  text: string;
  kind: EditKind;
  step?: string;
  to?: string;
  value?: unknown;
}

/** A text after an edit; `step` is what the step is called in it that the edit was about. */
export interface Edited {
  text: string;
  step: string;
}

/** One line of a journal. */
export interface Event {
  seq: number;
  at: string;
  kind: Kind;
  data: Record<string, unknown>;
}

/** The runs behind an arrow, newest first; `more` when there are others. */
export interface Evidence {
  evidence: EvidenceEntry[];
  more: boolean;
}

/** A run that proved an arrow: its `step` wrote `target` from `source` in the cell with the id `cell`. `number` is that of the cell as people count; `notebook` lies at that path from the root of the project. What is not known any more is null. */
export interface EvidenceEntry {
  source: string;
  target: string;
  run: string;
  pipeline: string | null;
  step: string;
  at: string | null;
  cell: string | null;
  number: number | null;
  notebook: string | null;
}

/** Where an executed notebook lies, from the root of the project on. */
export interface Executed {
  path: string;
}

/** One value that a search could be narrowed to, and how many of what it finds have it. */
export interface Facet {
  value: string;
  count: number;
}

/** By what a search can be narrowed. */
export interface Facets {
  kind: Facet[];
  namespace: Facet[];
  owner: Facet[];
  tag: Facet[];
  freshness: Facet[];
}

/** A WorkbenchError. */
export interface Fault {
  code: string;
  what: string;
  cause: string;
  kept: string;
  next: string;
  detail: string[];
}

/** One thing that a run needs. */
export interface Finding {
  subject: string;
  ok: boolean;
  warning: boolean;
  detail: string;
  mend: string | null;
}

/** What a step or a run is expected to take, in seconds: half of the past ones took at most `p50`. */
export interface Forecast {
  p50: number;
  p85: number;
  samples: number;
}

/** Part of what a search found, `total` of it all. */
export interface Found {
  hits: Hit[];
  total: number;
  facets: Facets | null;
}

/** How long ago a dataset was written last, wherever that was; `never` is one that every write was withheld of. */
export type Freshness = 'day' | 'week' | 'month' | 'older' | 'never';

/** A run that goes on, with the states of its steps. */
export interface Going {
  run: RunRow;
  steps: Record<string, string>;
}

/** Nodes, and arrows in the direction the data flows. */
export interface Graph {
  focus: string;
  nodes: Node[];
  arrows: Arrow[];
  truncated: boolean;
}

/** A dataset that a search found. */
export interface Hit {
  dataset: string;
  description: string;
  owner: string;
  tags: string[];
  matched: string;
  version: number;
  rows: number;
  written_at: string | null;
  corrected: string;
}

/** What is made from a dataset. */
export interface Impact {
  dataset: string;
  datasets: Node[];
  steps: Node[];
  reports: Node[];
  truncated: boolean;
}

/** A snapshot that another one was made from. */
export interface InputEntry {
  dataset: string;
  snapshot: string;
  version: number;
  rows: number;
}

/** One fact on both sides. */
export interface Item {
  name: string;
  change: Difference;
  before: unknown;
  after: unknown;
}

/** The kinds of event; what `data` holds is written beside each. */
export type Kind =
  | 'attempt_started'
  | 'kernel_ready'
  | 'cell_started'
  | 'output'
  | 'cell_ended'
  | 'read'
  | 'staged'
  | 'checked'
  | 'metric'
  | 'record'
  | 'checkpoint'
  | 'resumed'
  | 'kept'
  | 'attempt_ended';

/** One step, or several folded into one line: the instances of a step, or steps that nothing is to be said about. `steps` are their names. `start` and `end` are where the first began and the last ended, in seconds since the run began; `busy` is the sum of what they ran and published for. A lane without spans never ran. */
export interface Lane {
  name: string;
  state: State;
  steps: string[];
  spans: Span[];
  start: number;
  end: number;
  busy: number;
  critical: boolean;
  attempts: number;
  states: Record<string, number>;
}

/** One line on both sides, in pieces; `skipped` equal lines were left out where it is not 0. */
export interface Line {
  change: Difference;
  before: Piece[];
  after: Piece[];
  skipped: number;
}

/** How things stand at event `number` of `stream`. */
export interface Live {
  stream: string;
  number: number;
  runs: Going[];
}

/** Events of one attempt of a step. */
export interface Log {
  step: string;
  attempt: number;
  events: Event[];
  more: boolean;
}

/** The newest event in the journal of an attempt. */
export interface LogNews {
  step: string;
  attempt: number;
  seq: number;
}

/** What became of the partitions of a pipeline, `total` rows of them; no names where it has none. */
export interface Matrix {
  pipeline: string;
  environment: string;
  names: string[];
  steps: string[];
  rows: MatrixRow[];
  total: number;
}

/** One part of the data: a value for each partition, a square for each step. */
export interface MatrixRow {
  values: string[];
  squares: Square[];
}

/** How a write meets what is there. */
export type Mode = 'append' | 'overwrite' | 'upsert' | 'partition';

/** A node of a graph; `kind` is `dataset`, `step` or `report`; `detail` is one quiet fact. */
export interface Node {
  id: string;
  kind: string;
  name: string;
  detail: string;
}

/** The last run in which a notebook was executed as a step. */
export interface NotebookRun {
  run: RunRow;
  step: string;
  state: string;
  ended_at: string | null;
  seconds: number | null;
}

/** A notebook of the project; `steps` is empty while no pipeline runs it, `alone` its last run by itself. */
export interface NotebookStanding {
  path: string;
  reads: string[];
  writes: string[];
  steps: NotebookStep[];
  alone: NotebookRun | null;
  error: Fault | null;
}

/** A notebook as a step of a pipeline; `reason` says why it would run or not, `error` why nobody can tell. */
export interface NotebookStep {
  pipeline: string;
  step: string;
  currency: Currency;
  reason: string;
  changes: Change[];
  reads: string[];
  writes: string[];
  report: boolean;
  last: NotebookRun | null;
  error: Fault | null;
}

/** Which notebook of a step: `executed`, a copy of what ran to work in, or `source`, the one that runs next. */
export interface OpenRequest {
  which?: string;
}

/** A notebook to open in JupyterLab, at `cell` where one failed. `path` is from the root of the server on, null where it does not serve that folder: then `command` shows it. `kernel` is the server's id of the kernel that the step has kept, until `until` if nobody uses it. */
export interface Opened {
  path: string | null;
  cell: string;
  kernel: string | null;
  until: string | null;
  command: string;
}

/** How a check ended; `error` means that it could not be evaluated, which never counts as a pass. */
export type Outcome = 'pass' | 'fail' | 'error';

/** One output on both sides; `kind` says which of `lines`, `grid` and `picture` are filled. */
export interface OutputPair {
  kind: string;
  change: Difference;
  said: string;
  lines: Line[];
  grid: Record<string, unknown> | null;
  picture: Record<string, unknown> | null;
}

/** What an attempt did for some time. */
export type Phase = 'waiting' | 'queued' | 'running' | 'publishing';

/** Some words of a line; `marked` are those that the other side has not. */
export interface Piece {
  text: string;
  marked: boolean;
}

/** A pipeline with its steps; `parameters` is a JSON Schema. */
export interface Pipeline {
  name: string;
  path: string;
  description: string;
  steps: number;
  cron: string | null;
  timezone: string | null;
  last: RunRow | null;
  error: Fault | null;
  parameters: Record<string, unknown>;
  timeout: number | null;
  concurrency: number | null;
  triggers: Record<string, unknown>[];
  runs: RunLine[];
  specs: StepSpec[];
}

/** A pipeline as lists have it; `error` is what is wrong with its file. */
export interface PipelineRow {
  name: string;
  path: string;
  description: string;
  steps: number;
  cron: string | null;
  timezone: string | null;
  last: RunRow | null;
  error: Fault | null;
}

/** Pipelines, by name. */
export interface Pipelines {
  pipelines: PipelineRow[];
  more: boolean;
}

/** A file that a cell reads or writes without the catalog: a literal path, with the call that names it. */
export interface Place {
  path: string;
  call: string;
  cell: number;
  line: number;
  writes: boolean;
}

/** What would run, and why. */
export interface Plan {
  pipeline: string;
  environment: string;
  parameters: Record<string, unknown>;
  created_at: string;
  timeout: number | null;
  concurrency: number | null;
  forecast: Forecast | null;
  steps: PlannedStep[];
}

/** What to plan for, as in `RunRequest`. */
export interface PlanRequest {
  parameters?: Record<string, unknown>;
  environment?: string | null;
  select?: string[];
  force?: boolean;
}

/** One step of a plan. */
export interface PlannedStep {
  name: string;
  base: string;
  key: Record<string, unknown>;
  partition: Record<string, string>;
  fans_out: unknown;
  max_parallel: number | null;
  notebook: string;
  action: Action;
  reason: Reason;
  parameters: Record<string, unknown>;
  reads: string[];
  writes: string[];
  upstream: string[];
  kernel: string;
  timeout: number;
  options: Record<string, unknown>;
  fingerprint: string;
  forecast: Forecast | null;
  expected_seconds: number | null;
  report: string | null;
  tags: string[];
}

/** What the answer to a request that failed holds; `detail` is a sentence, `error` as `--json` has it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  error: Fault;
}

/** A project; `active` are its runs that go on, `damage` what is wrong with its store. */
export interface ProjectFacts {
  name: string;
  version: string;
  actor: string;
  environments: string[];
  environment: string;
  interactive_environment: string;
  executor: string;
  pipelines: number;
  datasets: number;
  active: RunRow[];
  damage: string | null;
}

/** How a project begins: as the `example` of that name, or with one notebook and one pipeline. */
export interface ProjectRequest {
  example?: string | null;
}

/** A column that a contract promises; `type` is the ODCS logical type, empty when it promises none. */
export interface Promise {
  column: string;
  type: string;
  description: string;
}

/** A proposal to be carried out, with the digest of what was seen. */
export interface PromotionOrder {
  path: string;
  digest: string;
  pipeline?: string;
  step?: string;
  parameters?: string[] | null;
  reorder?: boolean;
}

/** A notebook, and how it should become a step: what is left out is found (see `Proposal`). */
export interface PromotionRequest {
  path: string;
  pipeline?: string;
  step?: string;
  parameters?: string[] | null;
  reorder?: boolean;
}

/** Where a report comes from; `notebook_digest` is the sha256 of the executed notebook. */
export interface Proof {
  project: string;
  run: string;
  pipeline: string;
  step: string;
  environment: string;
  commit: string;
  actor: string;
  finished_at: string;
  parameters: Record<string, unknown>;
  inputs: ProofInput[];
  notebook: string;
  notebook_digest: string;
}

/** One input of a report: the snapshot it read and how its checks stood. */
export interface ProofInput {
  dataset: string;
  version: number;
  snapshot: string;
  rows: number;
  published_at: string;
  passed: number;
  failed: number;
}

/** What becoming a step means for a notebook; `ready` when nothing is left that keeps it from running. `notebook` and `pipeline` are differences in unified form, empty when there are none. `digest` is sent along when it is carried out. */
export interface Proposal {
  path: string;
  step: string;
  pipeline: string;
  ready: boolean;
  inputs: Reference[];
  outputs: Reference[];
  files: Place[];
  parameters: Candidate[];
  remarks: Remark[];
  notebook_path: string;
  notebook: string;
  pipeline_path: string;
  pipeline_diff: string;
  digest: string;
}

/** Datasets by how their checks stand, and how many there are of each. */
export interface Quality {
  environment: string;
  counts: Record<string, number>;
  datasets: Stands[];
  more: boolean;
}

/** Why a step runs or not. */
export interface Reason {
  code: string;
  text: string;
  changes: Change[];
}

/** Where a notebook names a dataset; `computed` holds the expression when the name is not a literal. `mode` is that of a write, empty when it is computed too. */
export interface Reference {
  dataset: string;
  cell: number;
  line: number;
  computed: string;
  mode: string;
}

/** Something in a notebook that a clean run will not like. `code` is one stable word (`hidden_state`, `out_of_order` …). `cell` counts from 1 over all cells, 0 for the notebook as a whole; `line` from 1 in the cell, 0 for all of it. `mended` when the proposal takes care of it. */
export interface Remark {
  code: string;
  weight: Weight;
  cell: number;
  line: number;
  text: string;
  next: string;
  mended: boolean;
}

/** How to repair a run. */
export interface RepairRequest {
  executor?: string | null;
}

/** A rendered report. */
export interface Report {
  id: string;
  run: string;
  pipeline: string;
  step: string;
  title: string;
  path: string;
  digest: string;
  created_at: string;
}

/** A report; `genuine` when its file is what was published, `gone` when there is none. */
export interface ReportRow {
  id: string;
  run: string;
  pipeline: string;
  step: string;
  title: string;
  path: string;
  digest: string;
  created_at: string;
  genuine: boolean;
  gone: boolean;
}

/** A report with where it comes from. */
export interface ReportWithProof {
  id: string;
  run: string;
  pipeline: string;
  step: string;
  title: string;
  path: string;
  digest: string;
  created_at: string;
  genuine: boolean;
  gone: boolean;
  proof: Proof;
}

/** Some reports, newest first, of `total` that were asked for. */
export interface Reports {
  reports: ReportRow[];
  total: number;
  more: boolean;
}

/** A run with its steps. */
export interface Run {
  id: string;
  pipeline: string;
  environment: string;
  state: State;
  trigger: string;
  nominal_at: string | null;
  repairs: number;
  parameters: Record<string, unknown>;
  actor: string;
  commit: string;
  created_at: string;
  ended_at: string | null;
  seconds: number | null;
  error: Fault | null;
  usual: Forecast | null;
  timeline: Timeline | null;
  steps: StepRun[];
  reports: Report[];
}

/** What is new in a run, by Jupyter's event stream; `state` is `refused` for one that could not begin. `number` counts up by one in each `stream`: whoever misses one asks for the snapshot again. `code` is that of the run's error. */
export interface RunEvent {
  stream: string;
  number: number;
  run: string;
  pipeline: string;
  environment: string;
  state: string;
  code: string;
  steps: StepNews[];
  cells: CellNews[];
  logs: LogNews[];
}

/** A run as lists hold it. */
export interface RunLine {
  id: string;
  pipeline: string;
  environment: string;
  state: State;
  trigger: string;
  nominal_at: string | null;
  repairs: number;
  parameters: Record<string, unknown>;
  actor: string;
  commit: string;
  created_at: string;
  ended_at: string | null;
  seconds: number | null;
  error: Fault | null;
  partitions: Record<string, string>[];
  usual: Forecast | null;
}

/** What to run: a pipeline's name or a notebook's path, and what `wb run` takes. */
export interface RunRequest {
  target: string;
  parameters?: Record<string, unknown>;
  environment?: string | null;
  select?: string[];
  force?: boolean;
  executor?: string | null;
}

/** A run without its steps. */
export interface RunRow {
  id: string;
  pipeline: string;
  environment: string;
  state: State;
  trigger: string;
  nominal_at: string | null;
  repairs: number;
  parameters: Record<string, unknown>;
  actor: string;
  commit: string;
  created_at: string;
  ended_at: string | null;
  seconds: number | null;
  error: Fault | null;
}

/** Runs, newest first. */
export interface Runs {
  runs: RunLine[];
  more: boolean;
}

/** Some rows of a dataset, each a list in the order of the columns. */
export interface Sample {
  dataset: string;
  version: number;
  columns: Schemed[];
  rows: unknown[][];
}

/** A column of a snapshot; `type` is the Iceberg type. */
export interface Schemed {
  name: string;
  type: string;
  doc: string;
}

/** Facts of one kind. */
export interface Section {
  name: string;
  items: Item[];
}

/** How much a failing check matters; an error withholds the write. */
export type Severity = 'info' | 'warn' | 'error';

/** Something wrong in a text, at a line and column that count from 1; `step` is what it is about, or empty. */
export interface SketchFault {
  error: Fault;
  line: number;
  column: number;
  step: string;
}

/** A text, saved or not; `opened` names groups of the picture that stay open, with commas between. */
export interface SketchRequest {
  text: string;
  opened?: string;
}

/** A step in a text: `line` and `column` are those of its name, `id` is that of its box in the picture. `after` are the steps that it names there, `given` the parameters that it gives; `parameters` is the JSON Schema of all that its notebook takes. */
export interface SketchStep {
  id: string;
  name: string;
  notebook: string;
  line: number;
  column: number;
  reads: string[];
  writes: string[];
  after: string[];
  given: Record<string, unknown>;
  parameters: Record<string, unknown>;
}

/** What a text says: steps, faults by their place, and the picture, which there is none of for no YAML at all. */
export interface Sketched {
  steps: SketchStep[];
  faults: SketchFault[];
  drawing: Drawn | null;
}

/** One version of a dataset; its files as their count and size. */
export interface Snapshot {
  dataset: string;
  version: number;
  id: string;
  parent: string | null;
  mode: Mode;
  environment: string;
  created_at: string;
  rows: number;
  bytes: number;
  files: number;
  digest: string;
  schema_id: string;
  run: string | null;
  step: string | null;
  cell: number | null;
  actor: string | null;
  withheld: boolean;
}

/** Versions of a dataset, newest first. */
export interface Snapshots {
  snapshots: Version[];
  more: boolean;
}

/** One phase of one attempt; times are seconds since the run began, `state` is that of the attempt. */
export interface Span {
  phase: Phase;
  start: number;
  end: number;
  attempt: number;
  state: string;
}

/** How the values of a column are spread; `distinct` is about how many different ones there are. `bins` are those of a histogram (`kind` is `range`), or the most frequent values (`values`); `none` has no bins. */
export interface Spread {
  column: string;
  kind: string;
  nulls: number;
  distinct: number;
  bins: Bin[];
}

/** What became of a step in one part of the data; `good` of `count` instances are well, `state` the worst. */
export interface Square {
  state: State | null;
  good: number;
  count: number;
  run: string | null;
  step: string | null;
  at: string | null;
  report: string | null;
}

/** How a dataset stands by its checks, the worst first; `withheld` is one whose newest write was held back. */
export type Standing = 'withheld' | 'failing' | 'warned' | 'unchecked' | 'good';

/** A dataset by how its checks stand; `results` are those that do not pass, of `total`. */
export interface Stands {
  dataset: string;
  standing: Standing;
  total: number;
  results: CheckResult[];
  snapshot: string;
  version: number;
  rows: number;
  at: string;
}

/** The state of a run, a step run or an attempt. */
export type State =
  | 'queued'
  | 'running'
  | 'staged'
  | 'succeeded'
  | 'skipped'
  | 'failed'
  | 'withheld'
  | 'cancelled'
  | 'upstream_failed'
  | 'lost';

/** A step that came to be in another state. */
export interface StepNews {
  step: string;
  state: string;
}

/** One step on both sides; a state is null where the run has no such step. */
export interface StepPair {
  step: string;
  change: Difference;
  before: State | null;
  after: State | null;
  sections: Section[];
  cells: CellPair[];
  run_before: string;
  run_after: string;
  note: string;
}

/** One step in one run. */
export interface StepRun {
  id: string;
  step: string;
  notebook: string;
  state: State;
  reason: string;
  parameters: Record<string, unknown>;
  fingerprint: string | null;
  started_at: string | null;
  ended_at: string | null;
  seconds: number | null;
  error: Fault | null;
  values: Record<string, unknown>;
  executed: string | null;
  report: string | null;
  outputs: Snapshot[];
  base: string;
  key: Record<string, unknown>;
  partition: Record<string, string>;
  upstream: string[];
  usual: Forecast | null;
  attempts: Attempt[];
}

/** A step as the pipeline file has it. */
export interface StepSpec {
  name: string;
  notebook: string;
  parameters: Record<string, unknown>;
  after: string[];
  tags: string[];
  fans_out: unknown;
  report: string | null;
}

/** A name that fits; `detail` is one quiet fact about it. */
export interface Suggestion {
  text: string;
  detail: string;
}

/** A run as lanes over time. `began` is its start (UTC, ISO 8601), `seconds` how long it took or has taken yet. `cuts` are stretches in which nothing happened (before a repair, say), as seconds since the start; a drawing leaves them out. `most` is how many steps were at work at once. */
export interface Timeline {
  run: string;
  began: string;
  seconds: number;
  lanes: Lane[];
  path: CriticalPath;
  cuts: [number, number][];
  most: number;
}

/** The checks of a dataset over its versions, newest first. */
export interface Trend {
  dataset: string;
  points: TrendPoint[];
}

/** How the checks stood at one version; its version is 0 when it was withheld. */
export interface TrendPoint {
  snapshot: string;
  version: number;
  created_at: string;
  rows: number;
  withheld: boolean;
  passed: number;
  failed: number;
  run: string | null;
  step: string | null;
}

/** A clean run of a proposal against the notebook as it stands; `same` when no output differs. `cells` is empty until the run is over. */
export interface Trial {
  run: string;
  state: string;
  over: boolean;
  same: boolean;
  error: Fault | null;
  cells: CellPair[];
}

/** A step that reads or writes a dataset, and the latest run in which it did. */
export interface Use {
  pipeline: string;
  step: string;
  notebook: string;
  run: string;
  at: string;
}

/** A snapshot, and what changed since the one before; `rows_since` is null for the first. */
export interface Version {
  snapshot: Snapshot;
  rows_since: number | null;
  added: string[];
  removed: string[];
  retyped: string[];
}

/** How much a remark matters: it keeps the step from running, it may make it wrong, or it is worth knowing. */
export type Weight = 'blocks' | 'warns' | 'tells';

/** What each route answers. */
export interface Answers {
  'GET catalog': Found;
  'GET datasets/{name}': Dataset;
  'GET datasets/{name}/sample': Sample;
  'GET datasets/{name}/distribution': Distribution;
  'GET datasets/{name}/snapshots': Snapshots;
  'GET lineage/{name}': Graph;
  'GET lineage/{name}/drawing': Drawn;
  'GET lineage/{name}/impact': Impact;
  'GET lineage/{name}/path/{other}': Graph;
  'GET lineage/{name}/path/{other}/drawing': Drawn;
  'GET lineage/{name}/evidence/{other}': Evidence;
  'GET quality': Quality;
  'GET quality/{name}': Trend;
  'GET pipelines': Pipelines;
  'GET pipelines/{pipeline}': Pipeline;
  'GET pipelines/{pipeline}/graph': Graph;
  'GET pipelines/{pipeline}/drawing': Drawn;
  'GET pipelines/{pipeline}/parameters': Record<string, unknown>;
  'GET pipelines/{pipeline}/matrix': Matrix;
  'POST pipelines/{pipeline}/plan': Plan;
  'POST pipelines/{pipeline}/sketch': Sketched;
  'POST pipelines/{pipeline}/edit': Edited;
  'GET schemas/pipeline': Record<string, unknown>;
  'GET runs': Runs;
  'POST runs': Begun;
  'GET live': Live;
  'GET runs/{run}': Run;
  'GET runs/{run}/drawing': Drawn;
  'GET runs/{run}/timeline': Timeline;
  'GET runs/{run}/steps/{step}/logs': Log;
  'GET runs/{run}/steps/{step}/cells': Cells;
  'GET runs/{run}/steps/{step}/notebook': Executed;
  'POST runs/{run}/steps/{step}/open': Opened;
  'POST runs/{run}/cancel': RunRow;
  'POST runs/{run}/repair': Begun;
  'GET runs/{before}/diff/{after}': Comparison;
  'GET notebook': NotebookStanding;
  'GET notebook/cells': CellTimes;
  'GET notebook/parameters': Record<string, unknown>;
  'GET notebook/notes': ColumnNotes;
  'POST notebook/completion': Completion;
  'POST notebook/promotion': Proposal;
  'POST notebook/promotion/trial': Begun;
  'POST notebook/promotion/carried-out': Proposal;
  'GET notebook/promotion/trial/{run}': Trial;
  'GET reports': Reports;
  'GET reports/{report}': ReportWithProof;
  'GET project': ProjectFacts;
  'POST project': BegunProject;
  'GET doctor': Doctor;
  'GET openapi.json': Record<string, unknown>;
}

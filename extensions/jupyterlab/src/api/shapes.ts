/** A dataset as a search finds it. */
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

/** One page of what a search found. */
export interface Hits {
  hits: Hit[];
  total: number;
}

export interface Column {
  name: string;
  type: string;
  description: string;
  nulls: number | null;
  minimum: string | null;
  maximum: string | null;
}

export interface Snapshot {
  id: number;
  version: number;
  mode: string;
  environment: string;
  created_at: string;
  rows: number;
  bytes: number;
  files: number;
  run: string | null;
  step: string | null;
  actor: string | null;
  withheld: boolean;
}

export interface CheckResult {
  name: string;
  kind: string;
  column: string | null;
  severity: string;
  outcome: string;
  observed: string;
  expected: string;
  failing: number | null;
  error: string | null;
}

export interface Use {
  pipeline: string;
  step: string;
  notebook: string;
  run: string;
  at: string;
}

export interface DatasetEntry {
  name: string;
  description: string;
  owner: string;
  tags: string[];
  environment: string;
  current: Record<string, number>;
  snapshot: Snapshot | null;
  columns: Column[];
  contract: { path: string; version: string; owner: string; description: string } | null;
  results: CheckResult[];
  withheld: CheckResult[];
  history: Snapshot[];
  readers: Use[];
  writers: Use[];
  inputs: { dataset: string; snapshot: number; version: number; rows: number }[];
  read: string;
}

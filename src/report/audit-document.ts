import * as z from 'zod';
import { Plan } from '../plan/plan.ts';
import { ACTIONS } from '../rules/remedy.ts';
import { SEVERITIES } from '../rules/rule.ts';
import { Environment, LoaderKind } from '../snapshot/host.ts';
import { BacklogSource, Process } from '../snapshot/listener.ts';
import { Unseen } from '../snapshot/snapshot.ts';
import { AcceptQueueLimits, SynQueue } from './queues-document.ts';

/** The JSON that `audit --json` prints. schemas/audit.schema.json is generated from here. */
const AUDIT_SCHEMA_VERSION = 0;

const Place = z.object({ file: z.string(), line: z.int() });

/** With how many are in it. */
const AcceptQueue = AcceptQueueLimits.extend({ length: z.number().nullable() });

export const Listener = z.object({
  id: z.string(),
  protocol: z.enum(['tcp', 'unix']),
  address: z.string().nullable(),
  port: z.int().nullable(),
  zone: z.string().nullable(),
  v6only: z.boolean().nullable(),
  path: z.string().nullable(),
  processes: z.array(Process),
  server: z.string().nullable(),
  unit: z.string().nullable(),
  cgroup: z.string().nullable(),
  uid: z.int().nullable(),
  backlog: z.object({
    requested: z.number().nullable(),
    source: BacklogSource,
    file: z.string().nullable(),
    line: z.int().nullable(),
    followsSomaxconn: z.boolean(),
  }),
  acceptQueue: AcceptQueue.nullable(),
  synQueue: SynQueue.nullable(),
  boundBy: z.enum(['backlog', 'somaxconn', 'both', 'somaxconn-at-listen', 'unknown']),
  relisten: z.object({
    needed: z.boolean(),
    how: z.string(),
    command: z.string().nullable(),
    disruptive: z.boolean(),
  }),
});

const Requirement = z.object({
  key: z.string(),
  netns: z.string(),
  relation: z.enum(['at-least', 'at-most', 'exactly']),
  value: z.string(),
  because: z.string(),
});

const Remedy = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('require'), requirement: Requirement }),
  z.object({ kind: z.literal('set-in-container'), requirement: Requirement }),
  z.object({
    kind: z.literal('edit-config'),
    server: z.string(),
    line: z.string().nullable(),
    at: Place.nullable(),
    backlog: z.exactOptional(z.number()),
    was: z.exactOptional(z.number().nullable()),
    instruction: z.string(),
  }),
  z.object({
    kind: z.literal('relisten'),
    server: z.string(),
    command: z.string().nullable(),
    disruptive: z.boolean(),
    instruction: z.string(),
  }),
  z.object({
    kind: z.literal('delete-line'),
    at: Place,
    purpose: z.enum(['bad-setting', 'persistence']),
    instruction: z.string(),
  }),
  z.object({
    kind: z.literal('change-other-manager'),
    manager: z.string(),
    at: Place.nullable(),
    instruction: z.string(),
    undo: z.exactOptional(z.string()),
  }),
  z.object({ kind: z.literal('investigate'), instruction: z.string() }),
]);

export const Finding = z.object({
  id: z.string(),
  rule: z.string(),
  netns: z.string(),
  subjects: z.array(z.string()),
  severity: z.enum(SEVERITIES),
  confidence: z.enum(['measured', 'inferred', 'assumed']),
  messageId: z.string(),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  message: z.string(),
  evidence: z.array(z.object({ name: z.string(), measured: z.string(), expected: z.string().nullable() })),
  remedies: z.array(Remedy),
});

export const AuditDocument = z.object({
  kind: z.literal('audit'),
  schemaVersion: z.literal(AUDIT_SCHEMA_VERSION),
  takenAt: z.string(),
  complete: z.boolean(),
  unseen: z.array(Unseen),
  host: z.object({
    kernel: z.object({
      release: z.string(),
      version: z.string().nullable(),
      versionRange: z.tuple([z.string(), z.string()]).nullable(),
    }),
    memoryBytes: z.number().nullable(),
    cpus: z.number().nullable(),
    environment: Environment,
    operatingSystem: z.string().nullable(),
    loader: z.object({ kind: LoaderKind, version: z.string().nullable() }).nullable(),
  }),
  namespaces: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      environment: Environment,
      listeners: z.array(Listener),
    }),
  ),
  findings: z.array(Finding),
  suppressed: z.array(z.object({ finding: Finding, reason: z.string(), until: z.string().nullable() })),
  /** Waivers that no longer hold. */
  lapsed: z.array(
    z.object({
      rule: z.string(),
      subject: z.string().nullable(),
      until: z.string().nullable(),
      reason: z.string(),
    }),
  ),
  notChecked: z.array(
    z.object({
      rule: z.string(),
      netns: z.string(),
      outcome: z.enum(['unknown', 'errored']),
      why: z.string(),
    }),
  ),
  /** What would mend it. Null where `unseen` says why there is none. */
  plan: Plan.nullable(),
  actions: z.array(z.enum(ACTIONS)),
});
export type AuditDocument = z.infer<typeof AuditDocument>;

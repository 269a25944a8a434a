import * as z from 'zod';
import type { Figure as CoreFigure } from '../core/figure.ts';
import { OtherWriter } from '../snapshot/other-writer.ts';
import type { CatalogueEntry } from '../sysctl/catalogue-entry.ts';
import { Finding, Listener } from './audit-document.ts';
import { Shadowed } from './resolve-document.ts';
import { RuleFacts } from './rules-document.ts';

const UnknownWhy = z.enum(['absent', 'denied', 'malformed', 'timed-out', 'not-collected']);

const OPERATIONS = [
  'min',
  'max',
  'plus',
  'minus',
  'times',
  'over',
  'over-up',
  'quarter',
  'less-shifted',
  'shifted-left',
  'log2',
  'low-16-bits',
  'power-of-two-above',
] as const;

/** A number, from `low` to `high`, with what it came from: `how` holds figures again. */
const Figure: z.ZodType<CoreFigure> = z.object({
  name: z.string(),
  low: z.number(),
  high: z.number(),
  unit: z.enum([
    'connections',
    'requests',
    'bytes',
    'pages',
    'entries',
    'count',
    'microseconds',
    'bits-per-second',
  ]),
  how: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('given'), origin: z.string() }),
    z.object({ kind: z.literal('constant'), source: z.string() }),
    z.object({
      kind: z.literal('formula'),
      op: z.enum(OPERATIONS),
      of: z.array(z.lazy(() => Figure)),
    }),
    z.object({ kind: z.literal('byKernel'), trait: z.string(), of: z.array(z.lazy(() => Figure)) }),
  ]),
});

function since<T extends z.ZodType>(is: T) {
  return z.array(z.object({ since: z.string(), is }));
}

const Scope = z.enum(['network-namespace', 'global', 'global-read-only-in-child', 'host']);

const Unit = z.enum([
  'connections',
  'requests',
  'entries',
  'bytes',
  'kilobytes',
  'pages',
  'packets',
  'datagrams',
  'files',
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
  'count',
  'ports',
  'switch',
  'name',
]);

const Shape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('vector'),
    members: z.tuple([z.string(), z.string(), z.string()]),
    ordered: z.boolean(),
  }),
  z.object({
    kind: z.literal('pair'),
    members: z.tuple([z.string(), z.string()]),
    ordered: z.boolean(),
    none: z.exactOptional(z.tuple([z.number(), z.number()])),
  }),
  z.object({ kind: z.enum(['integer', 'name', 'names', 'port-list', 'cpu-mask', 'report']) }),
]);

const DefaultRule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), value: z.string() }),
  z.object({
    kind: z.literal('derived'),
    by: z.enum([
      'max-syn-backlog/256',
      'max-syn-backlog/128',
      'half-ehash',
      'tcp-rmem',
      'tcp-wmem',
      'tcp-mem',
    ]),
  }),
]);

/** What is known of the key, whatever the host. */
const Entry: z.ZodType<CatalogueEntry> = z.object({
  key: z.string(),
  summary: z.string(),
  reference: z.string(),
  shape: Shape,
  unit: Unit,
  scope: since(Scope),
  range: since(z.object({ min: z.number(), max: z.number(), takesMore: z.exactOptional(z.literal(true)) })),
  oneOf: z.exactOptional(z.array(z.number())),
  bits: z.exactOptional(z.number()),
  multipleOf: z.exactOptional(z.number()),
  powerOfTwo: z.exactOptional(z.literal(true)),
  memory: z.exactOptional(
    z.object({ bytesEach: z.union([z.number(), z.literal('page')]), oneIn: z.number() }),
  ),
  defaults: since(DefaultRule),
  introduced: z.exactOptional(z.string()),
  removed: z.exactOptional(z.string()),
  alsoIn: z.exactOptional(z.array(z.string())),
  newNamespace: z.enum(['default', 'copy-of-initial', 'recomputed', 'shared']),
  reversible: z.discriminatedUnion('is', [
    z.object({ is: z.literal(true) }),
    z.object({ is: z.literal(false), why: z.string() }),
  ]),
  sideEffects: z.exactOptional(z.string()),
  module: z.exactOptional(z.string()),
  alsoSetBy: z.exactOptional(z.array(z.string())),
  coupled: z.array(z.string()),
  belowDefault: z.exactOptional(z.string()),
  readOnDemand: z.exactOptional(z.literal(true)),
});

const Origin = z.object({ file: z.string(), line: z.int() });

const BootValue = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('set'),
    /** As the kernel shows it; null where it is not known what the kernel makes of the line. */
    value: z.string().nullable(),
    /** The line that decides, with the value as it has it. */
    from: z.object({ file: z.string(), line: z.int(), value: z.string() }),
    /** The key whose write changes this one along with its own. */
    through: z.string().nullable(),
    shadowed: Shadowed,
  }),
  z.object({ kind: z.literal('unset'), excludedBy: z.exactOptional(Origin), shadowed: Shadowed }),
  z.object({ kind: z.literal('unknown'), why: z.string(), shadowed: Shadowed }),
]);

/** What a change would do on this host and what it would not: sentences. */
const Change = z.array(z.string());

const Explained = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('key'),
    key: z.string(),
    /** Null where the catalogue does not know the key. */
    entry: Entry.nullable(),
    /** One a network namespace; a value that is not known is null, and `why` says why. */
    live: z.array(
      z.object({ namespace: z.string(), value: z.string().nullable(), why: UnknownWhy.nullable() }),
    ),
    /** Null where nothing tells which file sets it. */
    boot: BootValue.nullable(),
    /** Who else sets it on this host, in the order in which they come at boot. */
    writers: z.array(OtherWriter),
    /** What stands once all have come; null where nobody is certain to change what the files set. */
    ending: z.object({ value: z.string(), by: OtherWriter, through: z.string().nullable() }).nullable(),
    /** One figure for each number that it holds. */
    kernelDefault: z.array(Figure).nullable(),
    change: Change,
    findings: z.array(Finding),
  }),
  z.object({
    kind: z.literal('listener'),
    listener: Listener,
    derivation: z.array(Figure),
    change: Change,
    findings: z.array(Finding),
  }),
  z.object({
    kind: z.literal('rule'),
    rule: RuleFacts,
    findings: z.array(Finding),
    notChecked: z.array(z.string()),
  }),
  z.object({ kind: z.literal('finding'), finding: Finding }),
]);

/** What `explain --json` prints. schemas/explanation.schema.json is generated from here. */
export const ExplanationDocument = z.object({
  kind: z.literal('explanation'),
  schemaVersion: z.literal(0),
  target: z.string(),
  /** Several where listeners share what was asked for. */
  explanations: z.array(Explained),
});
export type ExplanationDocument = z.infer<typeof ExplanationDocument>;

import { didYouMean, inputError, nearest, type Position } from '../core/errors.ts';
import { type DocumentKind, describeIssues, parseJsonDocument } from '../core/json-document.ts';
import { findJsonValue } from '../core/json-position.ts';
import { CATALOGUE, catalogueEntry } from '../sysctl/catalogue.ts';
import { parseKey } from '../sysctl/key.ts';
import { specialKey } from '../sysctl/special-keys.ts';
import { checkValue } from '../sysctl/validate.ts';
import { isEtcSysctlFile } from './files.ts';
import { type LiveStep, PLAN_SCHEMA_VERSION, Plan } from './plan.ts';
import { isWithdrawal } from './reasons.ts';

const PLAN: DocumentKind = {
  kind: 'plan',
  schemaVersion: PLAN_SCHEMA_VERSION,
  called: 'a plan',
  howToMakeOne: '`backlogctl plan --out FILE` makes a plan',
};

/**
 * Reads a plan that somebody saved. It is an order: a field that we do not know may be one that we would fail to
 * obey, so it is refused.
 * @param file its name, for messages only
 * @throws UserError in one sentence with file:line:column
 */
export function parsePlan(text: string, file: string): Plan {
  const json = text.replace(/^\ufeff/, '');
  const parsed = Plan.safeParse(parseJsonDocument(json, file, PLAN));
  if (!parsed.success) throw malformed(parsed.error.issues, json, file);
  for (const [index, step] of parsed.data.steps.entries()) {
    const place = () => ({ file, ...findJsonValue(json, ['steps', index, 'target']) });
    const valuePlace = () => ({ file, ...findJsonValue(json, ['steps', index, 'to']) });
    if (step.kind === 'live') checkLiveStep(step, parsed.data, place, valuePlace);
    else checkPath(step.target.path, place);
  }
  return parsed.data;
}

type Issues = NonNullable<ReturnType<typeof Plan.safeParse>['error']>['issues'];

function malformed(issues: Issues, json: string, file: string) {
  const [first] = issues;
  const at = { file, ...findJsonValue(json, first?.path ?? []) };
  if (first?.code === 'unrecognized_keys') {
    const [field = ''] = first.keys;
    const hint = didYouMean(nearest(field, Object.keys(Plan.shape)));
    return inputError('malformed-document', at, `unknown field '${field}'`, hint);
  }
  return inputError('malformed-document', at, describeIssues(issues, PLAN));
}

/** The least there is: the page's size is not in the plan, and this judges more leniently than any other. */
const PAGE_BYTES = 4096;

function checkLiveStep(step: LiveStep, { host }: Plan, place: () => Position, valuePlace: () => Position) {
  const { key } = step.target;
  checkKey(key, place);
  const special = specialKey(key);
  if (special !== null && special.kind !== 'one-way') {
    throw inputError('malformed-document', place(), `${key} is never written: ${special.why}`);
  }
  const entry = catalogueEntry(key);
  if (entry === undefined) return checkVouched(step, place);
  if (isWithdrawal(step.because)) return;
  const circumstances = {
    memory: { memoryBytes: host.memoryBytes ?? Number.POSITIVE_INFINITY, pageBytes: PAGE_BYTES },
    standing: step.from,
  };
  // Kernels differ, and which one this is for is checked where it was made: here one of them has to take it.
  const ranges = entry.range.length === 0 ? [[]] : entry.range.map(({ is }) => [is]);
  const problems = ranges.map((each) => checkValue(entry, step.to, each, circumstances));
  const problem = problems.at(-1);
  if (problem === undefined || problem === null || problems.includes(null)) return;
  throw inputError('malformed-document', valuePlace(), problem.why);
}

function checkVouched({ target: { key }, unchecked }: LiveStep, place: () => Position): void {
  if (unchecked === true) return;
  const hint = didYouMean(
    nearest(
      key,
      CATALOGUE.map((each) => each.key),
    ),
  );
  throw inputError('malformed-document', place(), `unknown sysctl key '${key}'`, hint);
}

function checkKey(key: string, place: () => Position): void {
  const parsed = parseKey(key);
  if (parsed.ok && parsed.key === key) return;
  const why = parsed.ok ? `write it as '${parsed.key}'` : parsed.why;
  throw inputError('malformed-document', place(), `'${key}' is no sysctl key: ${why}`);
}

/** Whatever stands in the document, a plan writes sysctl files and nothing else. */
function checkPath(path: string, place: () => Position): void {
  if (isEtcSysctlFile(path)) return;
  throw inputError('malformed-document', place(), `a plan writes files of /etc/sysctl.d only, not '${path}'`);
}

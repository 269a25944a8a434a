import { type Ending, isCertain } from '../assess/writer-run.ts';
import { changeWriter, endingText, touchText, writerName, writerPlace } from '../assess/writer-words.ts';
import type { Writer, Writers } from '../assess/writers.ts';
import { plainText, spaced, text } from '../core/text.ts';
import { membersOf, sameSetting } from '../sysctl/catalogue.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import type { Decision, DecisionContext } from './decision.ts';
import type { DropInLine } from './drop-in.ts';
import type { Files } from './files.ts';
import { foldRequirements } from './fold.ts';
import { filesWith } from './lost-keys.ts';
import type { Conflict, Warning } from './plan.ts';
import type { PlanInput } from './plan-input.ts';

type Decided = Extract<Decision, { kind: 'decided' }>;

/** Who writes on the host as the plan would leave it: TuneD applies our drop-in as well. */
function writersAfter(lines: readonly DropInLine[], others: Files, input: PlanInput): Writers {
  return input.assessment.writersOf(filesWith(lines, others, input) ?? others);
}

/** Whether what stands in the end is all that was asked for: more than at least so much, as a rule. */
function suffices(key: SysctlKey, { value }: Ending, { requirements }: PlanInput, netns: string): boolean {
  const asked = requirements.filter((each) => each.key === key && each.netns === netns);
  if (asked.length === 0) return false;
  const folded = foldRequirements(asked, value, membersOf(key));
  return folded.kind === 'value' && sameSetting(key, folded.value, value);
}

function endingConflict({ key, value, because }: DropInLine, ending: Ending, netns: string): Conflict {
  const { by } = ending;
  const message = `${key} = ${value} would not last: ${plainText(endingText(ending))}`;
  return {
    kind: 'won-back',
    netns,
    key,
    message,
    ...(by.line === undefined ? {} : { at: { file: by.file, line: by.line } }),
    ways: [
      plainText(changeWriter(by, key, value)),
      'change the running kernel only, until then: --no-persist',
    ],
    because: [...because],
  };
}

/**
 * Keys that another program is certain to set to another value after the loader has set ours. Whoever sets them has to
 * be told first, or our line counts for nothing.
 * @param others the files of others as the plan would leave them
 */
export function wonBack(
  lines: readonly DropInLine[],
  others: Files,
  input: PlanInput,
  { netns }: DecisionContext,
): readonly Conflict[] {
  const writers = writersAfter(lines, others, input);
  return lines.flatMap((line): readonly Conflict[] => {
    const ending = writers.ending(line.key, line.value);
    return ending === null || suffices(line.key, ending, input, netns)
      ? []
      : [endingConflict(line, ending, netns)];
  });
}

/** Whether it may bring another value than ours. What applies the sysctl files once more brings ours. */
function mayDiffer({ by, value, how, when }: Writer, key: SysctlKey, planned: string): boolean {
  if (how === 'rerun' || how === 'copy' || when === 'before-loader' || by === 'cilium') return false;
  return value === undefined || !sameSetting(key, planned, value);
}

/** One sentence for all of them, the manager's own words for one. */
function mayText(key: SysctlKey, writers: readonly Writer[]): string {
  const [first, ...others] = writers;
  if (first === undefined) return '';
  const rest = others.map((each) => `${writerName(each)} (${writerPlace(each)})`);
  const also = rest.length === 0 ? '' : `; so may ${rest.slice(0, 3).join(', ')}`;
  return `${plainText(touchText({ ...first, sure: false }, key, text`${key}`))}${also}`;
}

/** What somebody else may make of a key that the plan writes, or makes of one that it leaves to the kernel. */
export function mayBeWonBack(
  decided: readonly Decided[],
  { assessment: { writers }, persist }: PlanInput,
): readonly Warning[] {
  return decided.flatMap(({ key, live, line, noOp, because }): readonly Warning[] => {
    const planned = line?.value ?? live?.to ?? null;
    if (planned === null || noOp !== null || because.some(({ by }) => by === 'withdrawn')) return [];
    const ending = line === null && persist ? writers.ending(key, planned) : null;
    if (ending !== null) {
      const after = plainText(endingText(ending));
      return [{ key, message: `${key} = ${spaced(planned)} stands until the next boot only: ${after}` }];
    }
    // Those that are certain are conflicts, or do no harm, but where they are at odds.
    const may = [
      ...writers.outcome(key, planned).rivals,
      ...writers.of(key).filter((each) => !isCertain(each)),
    ].filter((each) => mayDiffer(each, key, planned));
    return may.length === 0 ? [] : [{ key, message: mayText(key, may) }];
  });
}

import { spaced } from '../core/text.ts';
import { catalogueEntry, membersOf, sameSetting } from '../sysctl/catalogue.ts';
import { completed, parseNumbers } from '../sysctl/codec.ts';
import type { SysctlKey } from '../sysctl/key.ts';
import { KEEP, type SourcedRequirement } from '../sysctl/requirement.ts';
import { checkValue } from '../sysctl/validate.ts';
import { type Asked, conflict, type Decision, type DecisionContext } from './decision.ts';
import type { DropInLine } from './drop-in.ts';
import { type Folded, foldRequirements } from './fold.ts';
import type { NoOp } from './plan.ts';
import { reasonsOf, WITHDRAWN, wish } from './reasons.ts';
import { notTaken } from './taken.ts';
import { type WithoutUs, withoutUs } from './without-us.ts';

/** What the boot brings without us, as numbers to compare with; the live one where nobody knows. */
function bootBase(key: SysctlKey, { boot }: WithoutUs, base: string): string {
  return boot.kind === 'unknown' ? base : completed(boot.value, base, membersOf(key));
}

/**
 * What a rule mends, because the value breaks the host, is what a profile builds on: it would be no value to compare
 * with, and nobody can leave a rule out.
 */
function fold({ key, requirements }: Asked, base: string): Folded {
  const isMending = ({ by, relation }: SourcedRequirement) => by.kind === 'rule' && relation === 'exactly';
  const [mended, others] = [requirements.filter(isMending), requirements.filter((each) => !isMending(each))];
  if (mended.length === 0 || others.length === 0) return foldRequirements(requirements, base, membersOf(key));
  const sound = foldRequirements(mended, base, membersOf(key));
  return sound.kind === 'value' ? foldRequirements(others, sound.value, membersOf(key)) : sound;
}

/** Why a value must not be written, as a sentence; null for one that may, or that nobody can judge. */
function unsound(key: SysctlKey, to: string, standing: string, context: DecisionContext): string | null {
  const entry = catalogueEntry(key);
  if (entry === undefined) return null;
  const { traits, memory } = context;
  return checkValue(entry, to, traits.current(entry.range), { memory, standing })?.why ?? null;
}

function isAmount(key: SysctlKey): boolean {
  const unit = catalogueEntry(key)?.unit;
  return unit !== undefined && unit !== 'switch' && unit !== 'name';
}

function falls(key: SysctlKey, from: string, to: string): boolean {
  const before = parseNumbers(from, membersOf(key)) ?? [];
  const after = parseNumbers(to, membersOf(key)) ?? [];
  return after.some((each, index) => each < (before[index] ?? each));
}

/**
 * @param from what the value would be without us
 * @param now what it is; what has fallen with consent falls no further
 */
function lowered(
  asked: Asked,
  context: DecisionContext,
  { from, now, to }: { readonly from: string; readonly now: string | null; readonly to: string },
): Decision | null {
  const { key, requirements } = asked;
  // A rule lowers what breaks the host; a profile's number may just be older than the host's.
  const wanted = requirements.filter(({ relation, by }) => relation !== 'at-least' && by.kind === 'profile');
  if (now !== null && sameSetting(key, now, to)) return null;
  if (context.allowLower || wanted.length === 0 || !isAmount(key) || !falls(key, from, to)) return null;
  const message = `${key} would fall from ${spaced(from)} to ${to}: ${wanted.map(wish).join(', ')}`;
  return conflict(asked, context, 'lowers', message, [
    'apply with --allow-lower, if the smaller value is meant',
    'take the setting out of the profile',
  ]);
}

function unfoldable(
  asked: Asked,
  context: DecisionContext,
  folded: Exclude<Folded, { kind: 'value' }>,
): Decision {
  if (folded.kind === 'incomparable') {
    const message = `${asked.key} is asked to be ${wish(folded.requirement)}, but its value is no number to compare with`;
    return conflict(asked, context, 'unknown', message, [`look at it: sysctl ${asked.key}`]);
  }
  const [one, other] = folded.between;
  const message = `no value of ${asked.key} is both ${wish(one)} and ${wish(other)}`;
  return conflict(asked, context, 'contradiction', message, ['leave one of the two out, or protect the key']);
}

function noOpOf(
  { key, requirements }: Asked,
  { netns }: DecisionContext,
  { live, boot }: WithoutUs,
  line: DropInLine | null,
): NoOp {
  const value = live ?? line?.value ?? (boot.kind === 'unknown' ? '' : boot.value);
  const common = { netns, key, value: spaced(value), because: reasonsOf(requirements) };
  if (line !== null) return { ...common, why: 'live-and-boot' };
  return boot.kind === 'file'
    ? { ...common, why: 'set-by-file', at: { ...boot.at } }
    : { ...common, why: 'kernel-default' };
}

function change(key: SysctlKey, from: string | null, to: string) {
  return from === null || sameSetting(key, from, to) ? null : { from, to: spaced(to) };
}

function settle(
  asked: Asked,
  context: DecisionContext,
  facts: WithoutUs,
  targets: { readonly live: string; readonly boot: string },
): Decision {
  const { key, requirements } = asked;
  const { boot } = facts;
  const comesByItself = boot.kind !== 'unknown' && sameSetting(key, boot.value, targets.boot);
  const line = comesByItself ? null : { key, value: targets.boot, because: reasonsOf(requirements) };
  const live = change(key, facts.live, targets.live);
  const standing = context.dropInValues.get(key);
  const isWritten =
    line === null ? standing === undefined : standing !== undefined && sameSetting(key, standing, line.value);
  const noOp = live === null && isWritten ? noOpOf(asked, context, facts, line) : null;
  return { kind: 'decided', key, because: reasonsOf(requirements), live, line, noOp, pending: null };
}

/** What is asked for stands for a value that nobody knows; null where it leaves a number as it is. */
function ownWords(requirements: readonly SourcedRequirement[]): string | null {
  const whole = requirements.find(({ value }) => !value.split(/\s+/).includes(KEEP));
  return whole?.value ?? null;
}

/**
 * Folds the requirements of one key over the value without us. At-least compares with that value and not with the
 * one of an earlier plan of ours, so that a profile that shrinks takes the key down with it.
 */
export function decide(
  key: SysctlKey,
  requirements: readonly SourcedRequirement[],
  context: DecisionContext,
): Decision {
  const asked = { key, requirements };
  const not = notTaken(asked, context);
  if (not !== null) return not;
  const facts = withoutUs(key, context);
  if (facts === null) {
    const message = `${key} could not be read, so there is no old value to go back to`;
    return conflict(asked, context, 'unknown', message, [`look at it: sysctl ${key}`]);
  }
  const base = facts.base ?? facts.live ?? ownWords(requirements);
  if (base === null) {
    const message = `${key} keeps some of its numbers, and what they are is not known before its kernel runs`;
    return conflict(asked, context, 'unknown', message, ['give every number of it in the profile']);
  }
  const ofBoot = bootBase(key, facts, base);
  const live = fold(asked, base);
  const boot = fold(asked, ofBoot);
  if (live.kind !== 'value') return unfoldable(asked, context, live);
  if (boot.kind !== 'value') return unfoldable(asked, context, boot);
  const why = unsound(key, live.value, base, context) ?? unsound(key, boot.value, ofBoot, context);
  if (why !== null) return conflict(asked, context, 'invalid', why, ['correct it in the profile']);
  return (
    lowered(asked, context, { from: base, now: facts.live, to: live.value }) ??
    lowered(asked, context, { from: ofBoot, now: context.dropInValues.get(key) ?? null, to: boot.value }) ??
    settle(asked, context, facts, { live: live.value, boot: boot.value })
  );
}

/** A key that an earlier plan of ours set and that nothing asks for now: back to what it would be without us. */
export function withdraw(key: SysctlKey, context: DecisionContext): Decision {
  const facts = withoutUs(key, context);
  const common = { kind: 'decided', key, because: [WITHDRAWN], line: null, noOp: null } as const;
  if (facts === null || facts.live === null) return { ...common, live: null, pending: null };
  if (facts.base === null) {
    const pending = `${key} stays at ${spaced(facts.live)} until the next boot: what it would be without us is not known`;
    return { ...common, live: null, pending };
  }
  return { ...common, live: change(key, facts.live, facts.base), pending: null };
}

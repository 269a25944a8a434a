import { shellQuote } from '../core/shell.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlanCommands } from '../report/text/mend-lines.ts';
import { loadOptions } from '../wizard/questions.ts';
import type { ApplyOptions, PlaceOptions, PlanOptions } from './options.ts';
import { workloadOf } from './planning.ts';
import { placeWords, rollbackCommand, sourceOptionsText } from './session.ts';

/** A command of ours; empty words are none. */
export function typed(...words: readonly string[]): string {
  return ['backlogctl', ...words].filter((word) => word !== '').join(' ');
}

type TypedOptions = PlanOptions &
  Pick<ApplyOptions, 'withoutProfiles' | 'yes' | 'reason' | 'confirmWithin' | 'confirmIf'>;

function limitsText({ root, live, persist, allowLower, fileName, takeover }: TypedOptions): string {
  return [
    // Of another tree no kernel runs.
    ...(root === undefined && live !== false ? [] : ['--no-live']),
    ...(persist === false ? ['--no-persist'] : []),
    ...(allowLower ? ['--allow-lower'] : []),
    ...(fileName === undefined ? [] : ['--file-name', fileName]),
    ...(takeover ? ['--takeover'] : []),
  ].join(' ');
}

/** What apply takes and plan does not: how it is carried out, and how it goes back. */
function carryingOutText(
  { withoutProfiles, yes, reason, confirmWithin, confirmIf }: TypedOptions,
  onConflict: 'fail' | 'skip',
): string {
  const words = [
    ...(withoutProfiles ? ['--without-profiles'] : []),
    ...(onConflict === 'skip' ? ['--on-conflict', 'skip'] : []),
    // Before what does without a question: what is pasted in part is not carried out for good.
    ...(confirmWithin === undefined ? [] : ['--confirm-within', `${confirmWithin}s`]),
    ...(yes ? ['--yes'] : []),
    ...(reason === undefined ? [] : ['--reason', reason]),
    // All that stands behind it is the program's.
    ...(confirmIf === undefined ? [] : ['--confirm-if', ...confirmIf]),
  ];
  return words.map(shellQuote).join(' ');
}

/** Where a plan is made or carried out. Of another tree no kernel runs. */
export function placeText(options: PlaceOptions): string {
  const words = [...placeWords(options), ...(options.root === undefined ? [] : ['--no-live'])];
  return words.map(shellQuote).join(' ');
}

/**
 * What to type for the same plan, on the same facts.
 * @param saved where it was saved, to be carried out as it stands; one of a snapshot says nothing of the host
 */
export function planCommands(
  { profiles, conflicts }: Pick<Plan, 'profiles' | 'conflicts'>,
  options: TypedOptions,
  saved?: string,
): PlanCommands {
  const { snapshot, ...here } = options;
  const wanted = [
    ...profiles.flatMap((profile) => ['--profile', profile]),
    ...loadOptions(workloadOf(options)),
  ]
    .map(shellQuote)
    .join(' ');
  // Another conflict would have it refused all the same.
  const [winning] = conflicts.every(({ fileName }) => fileName !== undefined)
    ? conflicts.map(({ fileName }) => fileName)
    : [];
  const isTakenOver = conflicts.length > 0 && conflicts.every(({ takeover }) => takeover === true);
  // A snapshot may be of another host, and is of another time.
  const source = snapshot === undefined ? sourceOptionsText(here) : '';
  // Refused while there is a conflict, unless it is told to leave it out.
  const passingOver = carryingOutText(options, conflicts.length > 0 ? 'skip' : 'fail');
  const applyWith = (more: Partial<TypedOptions>, how = carryingOutText(options, 'fail')) =>
    typed('apply', wanted, source, limitsText({ ...options, ...more }), how);
  return {
    see: typed('plan', wanted, sourceOptionsText(options), limitsText(options)),
    apply:
      saved === undefined || snapshot !== undefined
        ? applyWith({}, passingOver)
        : typed('apply', shellQuote(saved), placeText(options), passingOver),
    applyRenamed: winning === undefined ? null : applyWith({ fileName: winning }),
    applyTakingOver: isTakenOver && winning === undefined ? applyWith({ takeover: true }) : null,
    applyThere: snapshot !== undefined,
    undo: rollbackCommand(options),
  };
}

/**
 * The same for a plan that was handed to us. It does not say all that it was asked for with, such as the load, so nothing
 * that we could name would make it again.
 */
export function savedPlanCommands(plan: Plan, options: TypedOptions, saved: string): PlanCommands {
  return { ...planCommands(plan, options, saved), applyRenamed: null, applyTakingOver: null };
}

import { shellQuote } from '../core/shell.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlanCommands } from '../report/text/mend-lines.ts';
import { loadOptions } from '../wizard/questions.ts';
import type { PlanOptions } from './options.ts';
import { workloadOf } from './planning.ts';
import { placeWords, rollbackCommand, sourceOptionsText } from './session.ts';

function typed(...words: readonly string[]): string {
  return ['backlogctl', ...words].filter((word) => word !== '').join(' ');
}

type TypedOptions = PlanOptions & { readonly withoutProfiles?: true };

function limitsText({
  root,
  inside,
  live,
  persist,
  allowLower,
  fileName,
  takeover,
  withoutProfiles,
}: TypedOptions): string {
  return [
    ...(withoutProfiles ? ['--without-profiles'] : []),
    // Of another tree no kernel runs.
    ...(root === undefined && live !== false ? [] : ['--no-live']),
    // That nothing is kept of a network namespace goes without saying.
    ...(persist === false && inside === undefined ? ['--no-persist'] : []),
    ...(allowLower ? ['--allow-lower'] : []),
    ...(fileName === undefined ? [] : ['--file-name', fileName]),
    ...(takeover ? ['--takeover'] : []),
  ].join(' ');
}

/** All that goes with a plan that is carried out as it was saved. */
function placeText(options: PlanOptions): string {
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
  const limits = limitsText(options);
  // Another conflict would have it refused all the same.
  const [winning] = conflicts.every(({ fileName }) => fileName !== undefined)
    ? conflicts.map(({ fileName }) => fileName)
    : [];
  const isTakenOver = conflicts.length > 0 && conflicts.every(({ takeover }) => takeover === true);
  // A snapshot may be of another host, and is of another time.
  const source = snapshot === undefined ? sourceOptionsText(here) : '';
  const applyWith = (more: Partial<TypedOptions>) =>
    typed('apply', wanted, source, limitsText({ ...options, ...more }));
  return {
    see: typed('plan', wanted, sourceOptionsText(options), limits),
    apply:
      saved === undefined || snapshot !== undefined
        ? typed('apply', wanted, source, limits)
        : typed('apply', shellQuote(saved), placeText(options)),
    applyRenamed: winning === undefined ? null : applyWith({ fileName: winning }),
    applyTakingOver: isTakenOver && winning === undefined ? applyWith({ takeover: true }) : null,
    applyThere: snapshot !== undefined,
    undo: rollbackCommand(options),
  };
}

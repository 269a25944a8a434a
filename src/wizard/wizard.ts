import type { Choice, Prompter } from '../core/ports.ts';
import { shellQuote } from '../core/shell.ts';
import { complaintAbout, LOAD_QUESTIONS, type LoadAnswers, loadOptions } from './questions.ts';

/** What the person chose, as a plan needs it. */
export type Wish = {
  /** As they are typed; none: only what the audit found. */
  readonly profiles: readonly string[];
  readonly load: LoadAnswers;
  /** Lines of other files that would win are commented out. */
  readonly takeover: boolean;
};

export type PlannedWish = {
  /** The plan with its reasons, what is left to do by hand, and how to undo it. */
  readonly text: string;
  readonly hasSteps: boolean;
  /** A person has to decide something first: nothing can be applied. */
  readonly hasConflicts: boolean;
  /** All that has to be decided is whether lines of other files are commented out, so that ours win. */
  readonly isSettledByTakeover: boolean;
};

/** What the flow needs of the rest of the program. */
export type WizardPorts = {
  readonly prompter: Prompter;
  show(text: string): Promise<void>;
  /** The listeners and what binds them, as the audit prints them. */
  readonly overview: string;
  readonly profiles: readonly { readonly name: string; readonly summary: string }[];
  /** Those that the host stands under already. */
  readonly standing: readonly string[];
  /** What our drop-in is to be called; null where it keeps its name. */
  readonly fileName: string | null;
  /** Whether lines of other files are commented out without a question. */
  readonly takeover: boolean;
  plan(wish: Wish): Promise<PlannedWish>;
  /** Carries the plan out and shows what became of it. */
  apply(wish: Wish): Promise<void>;
};

export type WizardOutcome = 'applied' | 'nothing-to-do' | 'declined' | 'undecided' | 'given-up';

const DONT_KNOW = 'dont-know';

/** Whoever knows no answer changes nothing by it: profiles that stand go on standing. */
function profileChoices({ profiles, standing }: WizardPorts): readonly Choice[] {
  return [
    ...profiles.map(({ name, summary }) => ({ value: name, label: name, note: summary })),
    {
      value: DONT_KNOW,
      label: 'don’t know',
      note:
        standing.length === 0
          ? 'no profile: only what the audit found wrong is changed'
          : `no change: ${standing.join(', ')} stands as before`,
    },
  ];
}

type Asked<T> = { readonly answer: T } | null;

async function askProfile(ports: WizardPorts): Promise<Asked<readonly string[]>> {
  const chosen = await ports.prompter.select('What does this host do?', profileChoices(ports));
  if (chosen === null) return null;
  return { answer: chosen === DONT_KNOW ? ports.standing : [chosen] };
}

async function askLoad({ prompter }: WizardPorts): Promise<Asked<LoadAnswers>> {
  let answers: LoadAnswers = {};
  for (const question of LOAD_QUESTIONS) {
    const answer = await prompter.input(question.message, (text) => complaintAbout(question, text));
    if (answer === null) return null;
    const amount = question.parse(answer);
    if (amount !== null) answers = { ...answers, [question.field]: amount };
  }
  return { answer: answers };
}

/** The command that would have done the same, for a script or for the next host. */
export function equivalentCommand({ profiles, load, takeover }: Wish, fileName: string | null): string {
  return [
    'backlogctl',
    'apply',
    ...profiles.flatMap((profile) => ['--profile', profile]),
    ...loadOptions(load),
    ...(fileName === null ? [] : ['--file-name', fileName]),
    ...(takeover ? ['--takeover'] : []),
    '--yes',
  ]
    .map(shellQuote)
    .join(' ');
}

const TAKE_OVER = 'Comment those lines out, so that ours win at boot? A rollback brings them back.';

async function offer(wish: Wish, ports: WizardPorts): Promise<WizardOutcome> {
  const { prompter, show, fileName } = ports;
  const planned = await ports.plan(wish);
  await show(planned.text);
  if (planned.hasConflicts && planned.isSettledByTakeover) {
    const takeover = await prompter.confirm(TAKE_OVER);
    if (takeover === null) return 'given-up';
    return takeover ? offer({ ...wish, takeover }, ports) : 'undecided';
  }
  if (planned.hasConflicts) return 'undecided';
  if (!planned.hasSteps) return 'nothing-to-do';
  const consent = await prompter.confirm('Apply this now?');
  if (consent === null) return 'given-up';
  if (!consent) {
    await show(`Nothing was changed. To do it later:\n  ${equivalentCommand(wish, fileName)}`);
    return 'declined';
  }
  await ports.apply(wish);
  await show(`The same without questions:\n  ${equivalentCommand(wish, fileName)}`);
  return 'applied';
}

/**
 * Asks what the host is for, shows the plan that comes of it, and applies it on consent. Whoever knows no answer
 * changes nothing by it. Pure but for its ports.
 */
export async function runWizard(ports: WizardPorts): Promise<WizardOutcome> {
  await ports.show(ports.overview);
  const profiles = await askProfile(ports);
  const load = profiles === null ? null : await askLoad(ports);
  const outcome =
    profiles === null || load === null
      ? 'given-up'
      : await offer({ profiles: profiles.answer, load: load.answer, takeover: ports.takeover }, ports);
  if (outcome === 'given-up') await ports.show('Nothing was changed.');
  return outcome;
}

import { describe, expect, test } from '@jest/globals';
import type { Prompter } from '../../src/core/ports.ts';
import { equivalentCommand, type PlannedWish, runWizard, type Wish } from '../../src/wizard/wizard.ts';

type Answers = {
  readonly profile?: string | null;
  /** In the order of the questions; what is missing is "don't know". */
  readonly load?: readonly (string | null)[];
  readonly consent?: boolean | null;
  readonly standing?: readonly string[];
};

const PLANNED: PlannedWish = {
  text: 'THE PLAN\n',
  hasSteps: true,
  hasConflicts: false,
  isSettledByTakeover: false,
};

async function walk(answers: Answers, planned: PlannedWish | ((wish: Wish) => PlannedWish) = PLANNED) {
  const seen: string[] = [];
  const wishes: Wish[] = [];
  const load = [...(answers.load ?? [])];
  const prompter: Prompter = {
    select: async (message, choices) => {
      seen.push(message, ...choices.map(({ value }) => value));
      return answers.profile === undefined ? 'dont-know' : answers.profile;
    },
    input: async (message, complaint) => {
      seen.push(message);
      const answer = load.shift();
      if (answer === undefined) return '';
      if (answer !== null) expect(complaint(answer)).toBeNull();
      return answer;
    },
    confirm: async (message) => {
      seen.push(message);
      return answers.consent ?? null;
    },
  };
  const outcome = await runWizard({
    prompter,
    show: async (text) => {
      seen.push(text);
    },
    overview: 'THE LISTENERS\n',
    profiles: [{ name: 'web-frontend', summary: 'faces clients' }],
    standing: answers.standing ?? [],
    fileName: null,
    takeover: false,
    plan: async (wish) => {
      wishes.push(wish);
      return typeof planned === 'function' ? planned(wish) : planned;
    },
    apply: async (wish) => {
      seen.push(`APPLIED ${wish.profiles.join()}`);
    },
  });
  return { outcome, seen, wishes };
}

describe('the wizard', () => {
  test('shows the listeners, asks, shows the plan, applies on consent and prints the command', async () => {
    const { outcome, seen, wishes } = await walk({
      profile: 'web-frontend',
      load: ['2000', '300ms'],
      consent: true,
    });
    expect(outcome).toBe('applied');
    expect(seen[0]).toBe('THE LISTENERS\n');
    expect(wishes).toEqual([
      {
        profiles: ['web-frontend'],
        load: { connectionsPerSecond: 2000, longestStallMilliseconds: 300 },
        takeover: false,
      },
    ]);
    const order = ['THE PLAN\n', 'Apply this now?', 'APPLIED web-frontend'].map((each) => seen.indexOf(each));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(seen.at(-1)).toContain(
      'backlogctl apply --profile web-frontend --connections-per-second 2000 --longest-stall 300ms --yes',
    );
  });

  test('whoever knows nothing changes nothing by it', async () => {
    const { wishes } = await walk({ consent: false });
    expect(wishes).toEqual([{ profiles: [], load: {}, takeover: false }]);
    const standing = await walk({ consent: false, standing: ['database', '/etc/x.yaml'] });
    expect(standing.wishes).toEqual([{ profiles: ['database', '/etc/x.yaml'], load: {}, takeover: false }]);
    expect(standing.seen.at(-1)).toContain('--profile database --profile /etc/x.yaml');
  });

  test.each<readonly [string, Answers, PlannedWish, string]>([
    ['without consent', { consent: false }, PLANNED, 'declined'],
    ['given up at the consent', { consent: null }, PLANNED, 'given-up'],
    ['given up at the profile', { profile: null }, PLANNED, 'given-up'],
    ['given up at the load', { load: ['', null] }, PLANNED, 'given-up'],
    ['with nothing to do', { consent: true }, { ...PLANNED, hasSteps: false }, 'nothing-to-do'],
    ['with a conflict', { consent: true }, { ...PLANNED, hasConflicts: true }, 'undecided'],
  ])('applies nothing %s', async (_name, answers, planned, expected) => {
    const { outcome, seen } = await walk(answers, planned);
    expect(outcome).toBe(expected);
    expect(seen.filter((each) => each.startsWith('APPLIED'))).toEqual([]);
    if (expected === 'given-up') expect(seen.at(-1)).toBe('Nothing was changed.');
  });

  test.each([
    ['2.5', 'a whole number such as 2000'],
    ['-1', 'a whole number such as 2000'],
    ['many', 'a whole number such as 2000'],
  ])('answers %j with what is expected', async (answer, expected) => {
    const complaints: (string | null)[] = [];
    await runWizard({
      prompter: {
        select: async () => 'dont-know',
        input: async (_message, complaint) => {
          complaints.push(complaint(answer));
          return null;
        },
        confirm: async () => null,
      },
      show: async () => undefined,
      overview: '',
      profiles: [],
      standing: [],
      fileName: null,
      takeover: false,
      plan: async () => PLANNED,
      apply: async () => undefined,
    });
    expect(complaints).toEqual([`expected ${expected}, or nothing`]);
  });

  describe('where lines of other files win', () => {
    const settled = ({ takeover }: Wish): PlannedWish => ({
      text: takeover ? 'TAKEN OVER\n' : 'IN CONFLICT\n',
      hasSteps: true,
      hasConflicts: !takeover,
      isSettledByTakeover: !takeover,
    });
    const QUESTION = 'Comment those lines out, so that ours win at boot? A rollback brings them back.';

    test('asks whether to comment them out, and shows that plan before it applies it', async () => {
      const { outcome, seen } = await walk({ profile: 'web-frontend', consent: true }, settled);
      expect(outcome).toBe('applied');
      const order = ['IN CONFLICT\n', QUESTION, 'TAKEN OVER\n', 'Apply this now?'].map((each) =>
        seen.indexOf(each),
      );
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(order).not.toContain(-1);
      expect(seen.at(-1)).toContain('backlogctl apply --profile web-frontend --takeover --yes');
    });

    test.each([
      [false, 'undecided'],
      [null, 'given-up'],
    ] as const)('ends where the answer is %p', async (consent, expected) => {
      const { outcome, seen, wishes } = await walk({ consent }, settled);
      expect([outcome, wishes.length, seen.includes('Apply this now?')]).toEqual([expected, 1, false]);
    });

    test('asks nothing where that does not settle all', async () => {
      const { outcome, seen } = await walk({ consent: true }, { ...PLANNED, hasConflicts: true });
      expect([outcome, seen.includes(QUESTION)]).toEqual(['undecided', false]);
    });
  });

  test('quotes what a shell would take apart', () => {
    expect(equivalentCommand({ profiles: ['/tmp/my profile.yaml'], load: {}, takeover: false }, null)).toBe(
      "backlogctl apply --profile '/tmp/my profile.yaml' --yes",
    );
  });

  test('names the file that the drop-in is to be called', () => {
    expect(equivalentCommand({ profiles: [], load: {}, takeover: false }, '99-zz.conf')).toBe(
      'backlogctl apply --file-name 99-zz.conf --yes',
    );
  });
});

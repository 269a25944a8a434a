import type { Prompter } from '../core/ports.ts';

/** Ctrl-C within a question is an answer of its own, not a failure. */
function orGivenUp<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((thrown: unknown) => {
    const isExit =
      typeof thrown === 'object' && thrown !== null && 'name' in thrown && thrown.name === 'ExitPromptError';
    if (isExit) return null;
    throw thrown;
  });
}

/** Asks at the terminal of this process; loads inquirer with the first question. */
export function hostPrompter(): Prompter {
  const ask = async () => (await import('inquirer')).default.createPromptModule();
  return {
    async select(message, choices) {
      const prompt = await ask();
      const answer = await orGivenUp(
        prompt<{ chosen: string }>([
          {
            type: 'select',
            name: 'chosen',
            message,
            pageSize: 12,
            choices: choices.map(({ value, label, note }) => ({ value, name: label, description: note })),
          },
        ]),
      );
      return answer?.chosen ?? null;
    },
    async input(message, complaint) {
      const prompt = await ask();
      const answer = await orGivenUp(
        prompt<{ text: string }>([
          { type: 'input', name: 'text', message, validate: (text: string) => complaint(text) ?? true },
        ]),
      );
      return answer?.text ?? null;
    },
    async confirm(message) {
      const prompt = await ask();
      const answer = await orGivenUp(
        prompt<{ consent: boolean }>([{ type: 'confirm', name: 'consent', message, default: false }]),
      );
      return answer?.consent ?? null;
    },
  };
}

import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { buildProgram, newOutcome } from '../../src/cli/program.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { memoryTerminal } from '../cli/memory-terminal.ts';
import { folklorePage, missingLine, type Shown } from '../tools/folklore-page.ts';

const PAGE = folklorePage();
const SHOWN = PAGE.flatMap(({ blocks }) => blocks.flat());
const OURS = SHOWN.filter(({ command }) => command.startsWith('backlogctl '));

function words({ command }: Shown): readonly string[] {
  expect(command).not.toMatch(/["'|;&\n]/);
  return command.split(' ').slice(1);
}

/** What commander does not know, after the words that name a command. */
function leftOver(command: Command, argv: readonly string[]): readonly string[] {
  const [word = '', ...rest] = argv;
  const found = command.commands.find((each) => each.name() === word);
  if (found !== undefined) return leftOver(found, rest);
  const isDefault = command.commands.find((each) => each.name() === 'queues');
  const { operands, unknown } = (isDefault ?? command).parseOptions([...argv]);
  return [...operands, ...unknown];
}

describe('docs/folklore.md', () => {
  test('has a verdict and something to repeat for every claim', () => {
    expect(PAGE.length).toBeGreaterThan(10);
    for (const { claim, verdict, blocks } of PAGE) {
      expect([claim, verdict]).toEqual([
        claim,
        expect.stringMatching(/^(true|false|half true|was true before \d+\.\d+(\.\d+)?)$/),
      ]);
      expect(blocks.flat().filter(({ lines }) => lines.length > 0)).not.toEqual([]);
    }
  });

  test.each(OURS)('our command line takes: $command', (shown) => {
    expect(leftOver(buildProgram(memoryTerminal(), newOutcome()), words(shown))).toEqual([]);
  });

  test.each(OURS.filter(({ command }) => command.startsWith('backlogctl model')))(
    'still prints what is shown: $command',
    async (shown) => {
      const terminal = memoryTerminal();
      expect(shown.command).toContain(' --kernel ');
      expect(await runCommandLine(words(shown), terminal)).toBe(0);
      expect(missingLine(terminal.stdout(), shown.lines)).toBeNull();
    },
  );
});

describe('how the page is read', () => {
  test('a line that is not printed, or not in that order, is missing', () => {
    expect(missingLine('a\nb\nc\n', ['a', 'c'])).toBeNull();
    expect(missingLine('a\nb\nc\n', ['a', 'd'])).toBe('d');
    expect(missingLine('a\nb\nc\n', ['c', 'a'])).toBe('a');
    expect(missingLine('a\n', ['a', 'a'])).toBe('a');
  });

  test('an option that nobody has is left over', () => {
    const program = buildProgram(memoryTerminal(), newOutcome());
    expect(leftOver(program, ['lab', '--backlock', '3'])).toEqual(['--backlock', '3']);
    expect(leftOver(program, ['model', '--kernel', '6.1', '--no-such'])).toEqual(['--no-such']);
    expect(leftOver(program, ['labb'])).toEqual(['labb']);
  });
});

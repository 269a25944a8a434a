import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { buildProgram, newOutcome } from '../src/cli/program.ts';
import { describeWith } from './tools/requirements.ts';

const UNITS = path.join(import.meta.dirname, '..', 'units');
const INSTALLED = '/usr/local/bin/backlogctl';

function units(): readonly (readonly [name: string, text: string])[] {
  return readdirSync(UNITS).map((name) => [name, readFileSync(path.join(UNITS, name), 'utf8')] as const);
}

const TERMINAL = {
  columns: 80,
  takesColor: false,
  showsProgress: false,
  isInteractive: false,
  write: async () => undefined,
  note: () => undefined,
};

test('what the units start are commands that there are, with options that they have', () => {
  const program = buildProgram(TERMINAL, newOutcome());
  const started = units().flatMap(([, text]) =>
    [...text.matchAll(/^ExecStart=(.*)$/gm)].map(([, line]) => line),
  );
  expect(started.length).toBeGreaterThan(1);
  for (const line of started) {
    const [file, name, ...options] = (line ?? '').split(' ');
    expect(file).toBe(INSTALLED);
    const command = program.commands.find((each) => each.name() === name);
    expect(command).toBeDefined();
    const known = command?.options.map(({ long }) => long) ?? [];
    expect(known).toEqual(expect.arrayContaining(options));
  }
});

describeWith(['systemd-analyze'], 'the units of systemd', () => {
  test('are sound to systemd-analyze verify', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-units-'));
    try {
      // What they start is not installed here.
      for (const [name, text] of units())
        writeFileSync(path.join(directory, name), text.replaceAll(INSTALLED, '/bin/true'));
      const files = units().map(([name]) => path.join(directory, name));
      const { exitCode, all } = await execa('systemd-analyze', ['verify', '--man=no', ...files], {
        all: true,
        reject: false,
        env: { SYSTEMD_UNIT_PATH: `${directory}:` },
      });
      expect({
        exitCode,
        complaints: (all ?? '').split('\n').filter((line) => line.includes('backlogctl')),
      }).toEqual({
        exitCode: 0,
        complaints: [],
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  importsOf,
  packageName,
  readSources,
  resolveImport,
  type SourceFile,
  withoutComments,
} from './tools/source-imports.ts';

const SOURCES = readSources(path.join(import.meta.dirname, '..'));

type Layer = { readonly may: readonly string[]; readonly typesOf?: readonly string[] };

const STAGES = [
  'sysctl',
  'snapshot',
  'servers',
  'resolve',
  'model',
  'assess',
  'rules',
  'profile',
  'plan',
  'apply',
];
const BELOW_PIPELINE = ['core', ...STAGES, 'collect', 'observe', 'lab', 'report'];

/** Folder of src and what it may import besides itself. A folder that is missing here may not exist. */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { may: [] },
  sysctl: { may: ['core'] },
  servers: { may: ['core', 'sysctl'] },
  snapshot: { may: ['core', 'sysctl'] },
  resolve: { may: ['core', 'sysctl', 'snapshot'] },
  model: { may: ['core', 'sysctl', 'snapshot'] },
  assess: { may: ['core', 'sysctl', 'snapshot', 'servers', 'resolve', 'model'] },
  rules: { may: ['core', 'sysctl', 'snapshot', 'model', 'assess', 'servers'], typesOf: ['resolve'] },
  profile: { may: ['core', 'sysctl', 'snapshot', 'model', 'assess'] },
  plan: { may: ['core', 'sysctl', 'resolve', 'assess'], typesOf: ['rules'] },
  apply: { may: ['core', 'sysctl', 'plan'] },
  collect: { may: ['core', 'sysctl', 'snapshot', 'servers'] },
  observe: { may: ['core', 'snapshot', 'collect'] },
  lab: { may: ['core', 'snapshot', 'model', 'collect'] },
  report: { may: ['core'], typesOf: [...STAGES, 'collect', 'lab', 'pipeline'] },
  pipeline: { may: BELOW_PIPELINE },
  wizard: { may: ['core', 'pipeline', 'report'] },
  host: { may: ['core'] },
  cli: { may: [...BELOW_PIPELINE, 'pipeline', 'wizard', 'host'] },
  main: { may: [...BELOW_PIPELINE, 'pipeline', 'wizard', 'host', 'cli'] },
};

/** Modules that touch the machine: the adapters in src/host are their only users. */
const HOST_ONLY = [
  'node:fs',
  'node:fs/promises',
  'node:child_process',
  'node:net',
  'node:os',
  'node:process',
  'node:timers',
  'node:timers/promises',
  'execa',
  'inquirer',
];

/** Costly to load: an audit of the live host must do without them until it needs them. */
const LAZY = ['zod', 'yaml', 'execa', 'inquirer'];

/**
 * The schemas of what commands print with `--json`: put together from the stages' own vocabularies, and loaded by the
 * generator of schemas/ and by tests only. So they may name zod and the stages, and nothing may load them.
 */
const PRINTED_SCHEMAS = [
  'audit',
  'change',
  'error',
  'explain',
  'history',
  'lab',
  'model',
  'model-buffers',
  'profiles',
  'queues',
  'resolve',
  'rules',
].map((name) => `src/report/${name}-document.ts`);

/** src/main.ts is a layer of its own. */
function layerOf(file: string): string {
  const [, folder = '', rest] = file.split('/');
  return rest === undefined ? folder.replace(/\.ts$/, '') : folder;
}

function layerComplaints(file: SourceFile): readonly string[] {
  const layer = layerOf(file.path);
  const rule = LAYERS[layer];
  if (rule === undefined) return [`${file.path}: no layer '${layer}' in the table`];
  return file.imports.flatMap(({ specifier, kind }) => {
    const target = resolveImport(file.path, specifier);
    if (target === null) return [];
    const to = layerOf(target);
    const allowed =
      to === layer ||
      rule.may.includes(to) ||
      ((kind === 'type' || PRINTED_SCHEMAS.includes(file.path)) && (rule.typesOf ?? []).includes(to));
    return allowed ? [] : [`${file.path} (${layer}) imports ${target} (${kind})`];
  });
}

function usersOf(specifiers: readonly string[], allowed: (file: SourceFile) => boolean): readonly string[] {
  return SOURCES.filter((file) => !allowed(file)).flatMap((file) =>
    file.imports
      .filter(({ specifier, kind }) => kind !== 'type' && specifiers.includes(nameOf(specifier)))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  );
}

function nameOf(specifier: string): string {
  return specifier.startsWith('node:') ? specifier : packageName(specifier);
}

function filesMatching(pattern: RegExp, allowed: (file: SourceFile) => boolean): readonly string[] {
  return SOURCES.filter((file) => !allowed(file) && pattern.test(withoutComments(file.text))).map(
    (file) => file.path,
  );
}

function inLayer(...layers: readonly string[]): (file: SourceFile) => boolean {
  return (file) => layers.includes(layerOf(file.path));
}

function isFile(...paths: readonly string[]): (file: SourceFile) => boolean {
  return (file) => paths.includes(file.path);
}

/** Packages that are loaded as soon as `start` is, with the file that asks for each. */
function loadedWith(start: string): ReadonlyMap<string, string> {
  const packages = new Map<string, string>();
  const seen = new Set<string>();
  const waiting = [start];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const { specifier, kind } of SOURCES.find(isFile(next))?.imports ?? []) {
      if (kind !== 'static') continue;
      const target = resolveImport(next, specifier);
      if (target === null) packages.set(nameOf(specifier), next);
      else waiting.push(target);
    }
  }
  return packages;
}

describe('the layer table', () => {
  test('there are sources to judge', () => {
    expect(SOURCES.length).toBeGreaterThan(20);
    expect(SOURCES.flatMap(({ imports }) => imports).length).toBeGreaterThan(50);
  });

  test('every import goes to an allowed layer', () => {
    expect(SOURCES.flatMap(layerComplaints)).toEqual([]);
  });

  test('every relative import carries the ending of a file that exists', () => {
    const paths = new Set(SOURCES.map((file) => file.path));
    const dangling = SOURCES.flatMap((file) =>
      file.imports.flatMap(({ specifier }) => {
        const target = resolveImport(file.path, specifier);
        return target === null || paths.has(target) ? [] : [`${file.path}: ${specifier}`];
      }),
    );
    expect(dangling).toEqual([]);
  });
});

test('what commands share imports none of them', () => {
  const isCommand = (file: string) => file.startsWith('src/cli/commands/');
  const targetsOf = ({ path: from, imports }: SourceFile) =>
    imports.map(({ specifier }) => resolveImport(from, specifier) ?? '');
  const commands = SOURCES.filter((file) => isCommand(file.path));
  expect(commands.length).toBeGreaterThan(10);
  const shared = new Set(commands.flatMap(targetsOf));
  const returning = SOURCES.filter((file) => shared.has(file.path) && !isCommand(file.path)).flatMap((file) =>
    targetsOf(file)
      .filter(isCommand)
      .map((target) => `${file.path} imports ${target}`),
  );
  expect(returning).toEqual([]);
});

describe('who touches the machine', () => {
  test('only host imports the modules that do', () => {
    expect(usersOf(HOST_ONLY, inLayer('host'))).toEqual([]);
  });

  test('only host, cli and main touch process', () => {
    const global =
      /\bglobalThis\.process\b|(?<![.\w])process\.(?:env|argv|stdin|stdout|stderr|exit|exitCode|cwd|on|once|off|kill|platform|version|versions|getuid|geteuid|hrtime|execPath|execArgv|umask|uptime|emitWarning|nextTick)\b/;
    expect(filesMatching(global, inLayer('host', 'cli', 'main'))).toEqual([]);
  });

  test('no shell is run, and no program that applies the files of others', () => {
    const shell = /\bshell: (?!false)|\bexecSync\b|\bexecFileSync\b|\bexecaCommand|\['(?:sh|bash|dash)',/;
    expect(filesMatching(shell, () => false)).toEqual([]);
    expect(filesMatching(/\['(?:sysctl|systemd-sysctl)', '-/, () => false)).toEqual([]);
  });

  test('only host touches the clock', () => {
    const clock =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bset(?:Timeout|Interval|Immediate)\(/;
    expect(filesMatching(clock, inLayer('host'))).toEqual([]);
  });
});

describe('what an audit of the live host loads', () => {
  test.each([
    'src/main.ts',
    'src/cli/run.ts',
    'src/cli/commands/audit.ts',
    'src/cli/commands/explain.ts',
    'src/pipeline/audit.ts',
    'src/pipeline/explain.ts',
    // Shipped profiles are compiled, so that only an own one needs YAML.
    'src/pipeline/profiles.ts',
    'src/profile/requirements.ts',
  ])('%s', (start) => {
    expect(SOURCES.some(isFile(start))).toBe(true);
    const packages = loadedWith(start);
    expect(LAZY.filter((name) => packages.has(name)).map((name) => [name, packages.get(name)])).toEqual([]);
  });

  test('zod is used at run time where documents are read, and the schemas of what we print are loaded by nobody', () => {
    const schemas = isFile(
      ...PRINTED_SCHEMAS,
      'src/pipeline/waivers.ts',
      'src/plan/plan.ts',
      'src/apply/transaction.ts',
      'src/profile/document.ts',
      'src/model/request.ts',
      'src/lab/protocol.ts',
    );
    expect(usersOf(['zod'], (file) => inLayer('snapshot')(file) || schemas(file))).toEqual([]);
    const others = SOURCES.filter((file) => !isFile(...PRINTED_SCHEMAS)(file));
    const loaders = others.filter((file) =>
      file.imports.some(
        ({ specifier, kind }) =>
          kind !== 'type' && PRINTED_SCHEMAS.includes(resolveImport(file.path, specifier) ?? ''),
      ),
    );
    expect(loaders.map((file) => file.path)).toEqual([]);
  });
});

describe('one place for each decision', () => {
  test('kernel versions are compared in KernelTraits only', () => {
    const places = isFile('src/core/kernel-release.ts', 'src/model/kernel-traits.ts');
    expect(filesMatching(/\bcompareKernelVersions\b/, places)).toEqual([]);
  });

  test('no default exports', () => {
    expect(filesMatching(/^\s*export\s+default\b|\bas default\b/m, () => false)).toEqual([]);
  });

  test('no file beyond 300 lines', () => {
    const long = SOURCES.filter(({ text }) => text.split('\n').length > 301);
    expect(long.map(({ path: file, text }) => `${file}: ${text.split('\n').length - 1}`)).toEqual([]);
  });
});

describe('importsOf', () => {
  test.each([
    ["import { a } from './a.ts';", [{ specifier: './a.ts', kind: 'static' }]],
    ["import type { A } from './a.ts';", [{ specifier: './a.ts', kind: 'type' }]],
    ["import {\n  a,\n  type B,\n} from './a.ts';", [{ specifier: './a.ts', kind: 'static' }]],
    ["import * as z from 'zod';", [{ specifier: 'zod', kind: 'static' }]],
    ["import 'node:fs';", [{ specifier: 'node:fs', kind: 'static' }]],
    ["export type { A } from './a.ts';", [{ specifier: './a.ts', kind: 'type' }]],
    ["export { a } from './a.ts';", [{ specifier: './a.ts', kind: 'static' }]],
    ["const a = await import('./a.ts');", [{ specifier: './a.ts', kind: 'dynamic' }]],
    ["// import { a } from './a.ts';\n/* import 'b'; */", []],
    ["export const url = 'https://example.org'; // from 'x'", []],
  ])('%j', (source, expected) => {
    expect(importsOf(source)).toEqual(expected);
  });
});

import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';

const PACKAGE_ROOT = path.join(import.meta.dirname, '..', '..');
const PATH = '/run/node:/usr/sbin:/usr/bin:/sbin:/bin';
const NOBODY = 65534;

/** Where the package stands inside a sandbox, readable for everybody. */
export const BIN = '/run/product/bin/backlogctl.js';

export type Outcome = { readonly status: number; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly as?: 'root' | 'nobody';
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
};

/** A server in the background; `pid` as the sandbox counts. */
export type Running = { readonly pid: number; stop(): Promise<void> };

/** Network, mount and PID namespaces of a test's own, with private /etc, /run and logs. */
export type Sandbox = {
  /** Ends in time whatever the program does: a timeout is status -1. */
  run(argv: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** As `run`, of a command that must succeed: its standard output. */
  output(argv: readonly string[], options?: RunOptions): Promise<string>;
  backlogctl(args: readonly string[], options?: RunOptions): Promise<Outcome>;
  start(argv: readonly string[], options?: RunOptions): Promise<Running>;
  /** Waits until something listens on all of the ports. */
  listening(...ports: readonly number[]): Promise<void>;
  setSysctl(key: string, value: string | number): Promise<void>;
  writeFile(file: string, text: string, mode?: string): Promise<void>;
  /** Ends everything that was started in it. */
  close(): Promise<void>;
};

/** @param environment `container`: its first process says that a container manager started it */
export async function openSandbox(environment: 'host' | 'container' = 'host'): Promise<Sandbox> {
  const first = execa(
    'unshare',
    [
      ...['--net', '--mount', '--pid', '--fork', '--kill-child', '--'],
      ...['sh', path.join(PACKAGE_ROOT, 'test/tools/sandbox.sh'), PACKAGE_ROOT, process.execPath],
    ],
    {
      reject: false,
      stdin: 'pipe',
      buffer: false,
      extendEnv: false,
      env: { PATH, ...(environment === 'container' ? { container: 'test' } : {}) },
    },
  );
  const complaints: string[] = [];
  first.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  const outer = /^ready (\d+)$/.exec(await firstLine(first.stdout))?.[1];
  if (outer === undefined) throw new Error(`the sandbox did not start: ${complaints.join('')}`);
  return sandboxAt(outer, async () => {
    first.stdin.end();
    await first;
  });
}

function sandboxAt(outer: string, end: () => Promise<void>): Sandbox {
  function enter(argv: readonly string[], options: RunOptions) {
    const user =
      options.as === 'nobody'
        ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']
        : [];
    return execa('nsenter', [`--target=${outer}`, '--net', '--mount', '--pid', '--', ...user, ...argv], {
      reject: false,
      extendEnv: false,
      env: { PATH, LC_ALL: 'C.UTF-8', HOME: '/nonexistent', ...options.env },
      timeout: options.timeoutMs ?? 30_000,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024 * 1024,
      stripFinalNewline: false,
      ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    });
  }

  async function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const { exitCode, stdout, stderr } = await enter(argv, options);
    return { status: exitCode ?? -1, stdout, stderr };
  }

  async function output(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await run(argv, options);
    if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}: ${stderr}`);
    return stdout;
  }

  /** A shell says its PID and becomes the server, so that we stop that process and no other. */
  async function start(argv: readonly string[], options: RunOptions = {}): Promise<Running> {
    const child = enter(['sh', '-c', 'echo $$; exec "$@" 2>&1', 'sh', ...argv], {
      ...options,
      timeoutMs: 300_000,
    });
    const pid = Number(await firstLine(child.stdout));
    const server: Running = {
      pid,
      async stop() {
        await run(['kill', String(pid)]);
        const force = setTimeout(() => void run(['kill', '-KILL', String(pid)]), 10_000);
        await child;
        clearTimeout(force);
      },
    };
    return server;
  }

  return {
    run,
    output,
    start,
    backlogctl: (args, options) => run(['node', BIN, ...args], options),
    async listening(...ports) {
      await until(
        async () => {
          const rows = await output(['ss', '-Htln']);
          return ports.every((port) => new RegExp(`:${port}\\s`).test(rows));
        },
        `a listener on ${ports.join(', ')}`,
      );
    },
    async setSysctl(key, value) {
      await output(['sysctl', '-q', '-w', `${key}=${value}`]);
    },
    async writeFile(file, text, mode = '0644') {
      // Node's stdin pipe is a socket, which no program can open as /dev/stdin.
      const write = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"';
      await output(['sh', '-c', write, 'sh', file, mode], { input: text });
    },
    close: end,
  };
}

/** Empty where the stream ends first. */
async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    stream.once('data', (chunk: Buffer | string) => resolve(chunk.toString().split('\n')[0] ?? ''));
    stream.once('end', () => resolve(''));
  });
}

/** Polls, so that no test guesses how long a server takes. */
export async function until(holds: () => Promise<boolean>, what: string, attempts = 100): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error(`waited in vain for ${what}`);
}

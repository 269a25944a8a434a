import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';

const PACKAGE_ROOT = path.join(import.meta.dirname, '..', '..');

/** The first run on a machine fetches the kernel and builds a userland; later ones take seconds. */
const LONGEST_MS = 240_000;

/** Without KVM a run of Node takes half a minute in a guest on a busy machine, and a boot as long. */
const LONGEST_GUEST_SECONDS = 200;

const POWER_LOST = 137;

type GuestOptions = {
  /** What the guest writes is kept there, so that the next run with it is a reboot; null throws it away. */
  readonly disk?: string | null;
  /** Of Debian, besides the few that are there; their units start at boot. */
  readonly packages?: readonly string[];
  readonly longestSeconds?: number;
  /** The script has the power taken away: `echo "cut MILLISECONDS" >$(ls /dev/vport*p3)`. */
  readonly losesPower?: boolean;
};

/**
 * Runs a shell script as root in a Debian guest with systemd, with the package and this Node bound into it.
 * @param kernel as test/tools/vmtest takes it, such as `6.12`
 * @param files path in the guest and path here
 * @returns what the script printed
 */
export async function inGuest(
  kernel: string,
  script: string,
  files: ReadonlyMap<string, string>,
  {
    disk = null,
    packages = [],
    longestSeconds = LONGEST_GUEST_SECONDS,
    losesPower = false,
  }: GuestOptions = {},
): Promise<string> {
  const put = [...files].map(([target, source]) => `--put=${source}:${target}`);
  const printed = await vmtest(
    [
      '--systemd',
      `--timeout=${longestSeconds}`,
      ...(disk === null ? [] : [`--state=${disk}`]),
      ...(losesPower ? ['--power-cut'] : []),
      ...put,
      ...packages.map((name) => `--with=${name}`),
      kernel,
      '--',
      ...['sh', '-euc', script],
    ],
    longestSeconds + 40,
  );
  return stdoutOf(printed, losesPower ? [POWER_LOST] : [0]);
}

/**
 * Runs a command as root on another kernel, with this machine's root to read from. An exit status of 1 is an answer.
 * @param kernel a version, or the beginning of one: the newest of that series
 */
export async function onKernel(
  kernel: string,
  argv: readonly string[],
  longestSeconds: number,
): Promise<string> {
  const printed = await vmtest([`--timeout=${longestSeconds}`, kernel, '--', ...argv], longestSeconds + 60);
  return stdoutOf(printed, [0, 1]);
}

/** Whether the kernel can be had: an archive may list one whose modules it has no more. */
export async function canFetch(kernel: string): Promise<boolean> {
  return (await vmtest(['--fetch', kernel])).exitCode === 0;
}

/** Versions of kernels that can be had, the oldest first: `5.10.223`. */
export async function kernelsOffered(): Promise<readonly string[]> {
  const listed = stdoutOf(await vmtest(['--list']));
  return listed.split('\n').flatMap((line) => /^\d+\.\d+\.\d+/.exec(line)?.[0] ?? []);
}

type Printed = { readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string };

function stdoutOf({ exitCode, stdout, stderr }: Printed, expected: readonly number[] = [0]): string {
  if (exitCode !== undefined && expected.includes(exitCode)) return stdout;
  throw new Error(`the guest ended with ${exitCode}: ${stderr}`);
}

async function vmtest(args: readonly string[], longestSeconds = LONGEST_MS / 1000): Promise<Printed> {
  // QEMU opens the descriptors again for writing only, which the sockets of Node's pipes do not allow.
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-guest-'));
  const [out, err] = [path.join(directory, 'out'), path.join(directory, 'err')];
  const streams = [await opened(out), await opened(err)] as const;
  try {
    const exitCode = await boot(args, longestSeconds, streams);
    return { exitCode, stdout: readFileSync(out, 'utf8'), stderr: readFileSync(err, 'utf8') };
  } finally {
    for (const stream of streams) stream.end();
    rmSync(directory, { recursive: true });
  }
}

async function opened(file: string): Promise<WriteStream> {
  const stream = createWriteStream(file);
  await once(stream, 'open');
  return stream;
}

async function boot(
  args: readonly string[],
  longestSeconds: number,
  [stdout, stderr]: readonly [WriteStream, WriteStream],
): Promise<number | undefined> {
  const { exitCode } = await execa(
    '/usr/bin/python3',
    [...[path.join(PACKAGE_ROOT, 'test/tools/vmtest'), `--cwd=${PACKAGE_ROOT}`], ...args],
    {
      reject: false,
      stdio: ['ignore', stdout, stderr],
      timeout: longestSeconds * 1000,
      env: { PATH: `${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin` },
    },
  );
  return exitCode;
}

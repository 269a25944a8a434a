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

/**
 * Runs a shell script as root in a Debian guest with systemd, with the package and this Node bound into it.
 * @param kernel as test/tools/vmtest takes it, such as `6.12`
 * @param files path in the guest and path here
 * @param disk what the guest writes is kept there, so that the next run with it is a reboot; null throws it away
 * @returns what the script printed
 */
export async function inGuest(
  kernel: string,
  script: string,
  files: ReadonlyMap<string, string>,
  disk: string | null = null,
): Promise<string> {
  // QEMU opens the descriptors again for writing only, which the sockets of Node's pipes do not allow.
  const directory = mkdtempSync(path.join(tmpdir(), 'backlogctl-guest-'));
  const [out, err] = [path.join(directory, 'out'), path.join(directory, 'err')];
  const streams = [await opened(out), await opened(err)] as const;
  try {
    const exitCode = await boot(kernel, script, { files, disk }, streams);
    if (exitCode !== 0) throw new Error(`the guest ended with ${exitCode}: ${readFileSync(err, 'utf8')}`);
    return readFileSync(out, 'utf8');
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
  kernel: string,
  script: string,
  { files, disk }: { readonly files: ReadonlyMap<string, string>; readonly disk: string | null },
  [stdout, stderr]: readonly [WriteStream, WriteStream],
): Promise<number | undefined> {
  const put = [...files].map(([target, source]) => `--put=${source}:${target}`);
  const { exitCode } = await execa(
    '/usr/bin/python3',
    [
      ...[path.join(PACKAGE_ROOT, 'test/tools/vmtest'), '--systemd', `--cwd=${PACKAGE_ROOT}`],
      `--timeout=${LONGEST_GUEST_SECONDS}`,
      ...(disk === null ? [] : [`--state=${disk}`]),
      ...[...put, kernel, '--', 'sh', '-euc', script],
    ],
    {
      reject: false,
      stdio: ['ignore', stdout, stderr],
      timeout: LONGEST_MS,
      env: { PATH: `${path.dirname(process.execPath)}:/usr/sbin:/usr/bin:/sbin:/bin` },
    },
  );
  return exitCode;
}

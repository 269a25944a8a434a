import type { Sandbox } from './sandbox.ts';

export type SsRow = { readonly length: number; readonly limit: number };

/** What `ss` says of the listeners on IPv4, by port. */
export async function ssRows(sandbox: Sandbox): Promise<ReadonlyMap<number, SsRow>> {
  const rows = await sandbox.output(['ss', '-Htln4']);
  return new Map(
    rows
      .trim()
      .split('\n')
      .map((row): [number, SsRow] => {
        const [, length = '', limit = '', local = ''] = row.split(/\s+/);
        return [Number(local.split(':').at(-1)), { length: Number(length), limit: Number(limit) }];
      }),
  );
}

/** Established connections as the listener's end sees them: in its accept queue or accepted. */
export async function establishedOn(sandbox: Sandbox, port: number): Promise<number> {
  const rows = await sandbox.output(['ss', '-Htn', 'state', 'established', `sport = :${port}`]);
  return rows.split('\n').filter((row) => row !== '').length;
}

/** A TcpExt counter of the sandbox's own network namespace. */
export async function tcpExt(sandbox: Sandbox, counter: string): Promise<number> {
  const text = await sandbox.output(['cat', '/proc/net/netstat']);
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  const value = values[names.indexOf(counter)];
  if (value === undefined) throw new Error(`no counter ${counter}`);
  return Number(value);
}

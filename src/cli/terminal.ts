import { inputError } from '../core/errors.ts';

export const STANDARD_OUTPUT = 'standard output';

/** What commands know of the process's streams and environment. */
export type Terminal = {
  readonly columns: number;
  /** Whether standard output takes colours when nobody says otherwise. */
  readonly takesColor: boolean;
  /** Standard error is a terminal, so progress is welcome. */
  readonly showsProgress: boolean;
  /** A person sits there who can be asked. */
  readonly isInteractive: boolean;
  write(text: string): Promise<void>;
  note(text: string): void;
};

type OutputStream = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string, done: (error?: Error | null) => void): unknown;
};

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_COLUMNS = 80;

function columnsOf({ columns }: OutputStream, environment: Environment): number {
  const stated = Number.parseInt(environment.COLUMNS ?? '', 10);
  return columns ?? (stated > 0 ? stated : DEFAULT_COLUMNS);
}

function unwritable(error: Error) {
  const why = 'code' in error ? ` (${String(error.code)})` : '';
  return inputError('unwritable', { file: STANDARD_OUTPUT }, `cannot be written${why}`);
}

/** A reader that went away (`| head`) is no error of ours. */
function writeAll(stream: OutputStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const gone = error !== null && error !== undefined && 'code' in error && error.code === 'EPIPE';
      if (error && !gone) reject(unwritable(error));
      else resolve();
    });
  });
}

export type Streams = {
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
};

export function terminalOf({ stdin, stdout, stderr }: Streams, environment: Environment): Terminal {
  const plain = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
  return {
    columns: columnsOf(stdout, environment),
    takesColor: stdout.isTTY === true && !plain,
    showsProgress: stderr.isTTY === true,
    isInteractive: stdin.isTTY === true && stdout.isTTY === true,
    write: (text) => writeAll(stdout, text),
    note: (text) => {
      stderr.write(text, () => undefined);
    },
  };
}

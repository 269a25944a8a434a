import { parseUnitFile } from './backlog/unit-files.ts';

const NAME = 'sysctl.extra';
const DROP_INS = '/etc/systemd/system/systemd-sysctl.service.d';

/** What a drop-in of systemd-sysctl.service gives the loader as its credential; a secret one nobody else can read. */
export type GivenCredential = { readonly file: string; readonly line: number } & (
  | { readonly kind: 'set'; readonly text: string }
  | { readonly kind: 'loaded'; readonly from: string }
  | { readonly kind: 'encrypted' }
);

/** How the names in a directory and the text of a file are looked up. */
type Files = {
  names(directory: string): readonly string[];
  text(path: string): string | null;
};

/** `SetCredential=sysctl.extra:TEXT`, `LoadCredential=sysctl.extra:PATH` */
function givenIn(file: string, { text }: Files): readonly GivenCredential[] {
  return parseUnitFile(text(file) ?? '', file).flatMap(({ key, value, line }): readonly GivenCredential[] => {
    const [, how, encrypted] = /^(Set|Load)Credential(Encrypted)?$/.exec(key) ?? [];
    if (how === undefined || !value.startsWith(`${NAME}:`)) return [];
    const said = value.slice(NAME.length + 1);
    if (encrypted !== undefined) return [{ kind: 'encrypted', file, line }];
    return how === 'Set'
      ? [{ kind: 'set', file, line, text: said.replaceAll('\\n', '\n') }]
      : [{ kind: 'loaded', file, line, from: said }];
  });
}

/** In the order in which systemd reads the drop-ins: the last of a kind replaces those before it. */
export function givenCredentials(files: Files): readonly GivenCredential[] {
  return files
    .names(DROP_INS)
    .filter((name) => name.endsWith('.conf'))
    .flatMap((name) => givenIn(`${DROP_INS}/${name}`, files));
}

import type { ModuleLoad, OtherWriter } from '../../snapshot/other-writer.ts';
import { procPathToKey } from '../../sysctl/key.ts';
import { moduleName } from '../../sysctl/modules.ts';
import { linesOf, type WriterSources, writer } from './sources.ts';

type CommandLine = {
  readonly file: string;
  readonly line?: number;
  readonly words: readonly string[];
  /** Whether it is the one that this kernel was started with, or one that a boot loader may be set up with. */
  readonly inUse: boolean;
};

/** Double quotes hold a word together and may begin anywhere in it; what follows `--` is init's (next_arg() in lib/cmdline.c). */
function wordsOf(text: string): readonly string[] {
  const words = (text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []).map((word) => word.replaceAll('"', ''));
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

/** `GRUB_CMDLINE_LINUX_DEFAULT="quiet sysctl.vm.swappiness=10"` */
function fromGrub({ text }: WriterSources): readonly CommandLine[] {
  const file = '/etc/default/grub';
  return linesOf(text(file) ?? '').flatMap(({ text: content, line }) => {
    const quoted = /^GRUB_CMDLINE_LINUX(?:_DEFAULT)?=(["']?)(.*)\1$/.exec(content)?.[2];
    return quoted === undefined
      ? []
      : [{ file, line, words: wordsOf(quoted.replaceAll('\\"', '"')), inUse: false }];
  });
}

function fromFile(file: string, inUse: boolean, { text }: WriterSources): readonly CommandLine[] {
  const content = text(file);
  return content === null || content.trim() === ''
    ? []
    : [{ file, ...(inUse ? {} : { line: 1 }), words: wordsOf(content), inUse }];
}

/** The command line of the kernel that runs; of a tree without one, what a boot loader is told to use. */
function commandLines(sources: WriterSources): readonly CommandLine[] {
  const running = fromFile('/proc/cmdline', true, sources);
  if (running.length > 0) return running;
  return [...fromFile('/etc/kernel/cmdline', false, sources), ...fromGrub(sources)];
}

/** `sysctl.a.b=v` is written just before init is started, every `.` taken for a separator (since Linux 5.8). */
function settingOf(word: string): { readonly key: string; readonly value: string } | null {
  const [, name, value] = /^sysctl[./]([^=]+)=(.*)$/s.exec(word) ?? [];
  if (name === undefined || value === undefined) return null;
  const key = procPathToKey(`/proc/sys/${name.replaceAll('.', '/')}`);
  return key.ok ? { key: key.key, value } : null;
}

export function kernelCommandLine(sources: WriterSources): {
  readonly writers: readonly OtherWriter[];
  readonly modules: readonly ModuleLoad[];
} {
  const lines = commandLines(sources);
  return {
    writers: lines.flatMap(({ words, inUse, ...place }) =>
      words.flatMap((word) => {
        const setting = settingOf(word);
        const common = {
          by: 'kernel-command-line',
          ...place,
          when: 'before-loader',
          how: 'line',
          sure: inUse,
        } as const;
        return setting === null ? [] : [writer(common, setting.key, setting.value)];
      }),
    ),
    modules: lines.flatMap(({ words, file, line = 1 }) =>
      words.flatMap((word) => {
        const names = /^modules[-_]load=(.*)$/.exec(word)?.[1]?.split(',') ?? [];
        return names.filter((name) => name !== '').map((name) => ({ module: moduleName(name), file, line }));
      }),
    ),
  };
}

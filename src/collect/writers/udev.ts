import type { OtherWriter } from '../../snapshot/other-writer.ts';
import { ANY_NAME } from './commands.ts';
import { scriptWriters } from './script-writers.ts';
import { linesOf, type WriterSources, writer } from './sources.ts';

const SYSTEMD_RULES = '99-systemd.rules';
const OWN = '/etc/udev/rules.d';
const SHIPPED = ['/usr/lib/udev/rules.d', '/lib/udev/rules.d'] as const;

/** `--prefix=/net/ipv4/conf/$name`: every key of a new interface below it. */
function rerunKeys(text: string): readonly string[] {
  const prefixes = [...text.matchAll(/--prefix=\/?([\w/]+)\/(?:\$name|\$kernel|%k)/g)];
  return prefixes.map(([, prefix = '']) => `${prefix.replaceAll('/', '.')}.*.*`);
}

function rerunOf(file: string, sources: WriterSources): readonly OtherWriter[] {
  return linesOf(sources.text(file) ?? '').flatMap(({ text, line }) => {
    if (!/systemd-sysctl\b/.test(text)) return [];
    const common = { by: 'udev', file, line, when: 'on-new-interface', how: 'rerun', sure: true } as const;
    return rerunKeys(text).map((key) => writer(common, key, null));
  });
}

/** In a rule, the event's interface has names that no path below /proc/sys has. */
function withAnyName(rule: string): string {
  return rule.replace(/\$(?:name|kernel|env\{INTERFACE\})|%k/g, '*');
}

const RUN = /RUN(?:\{program\})?\+?=\s*"((?:[^"\\]|\\.)*)"/g;
const ATTRIBUTE = /SYSCTL\{([^}]+)\}\s*=\s*"([^"]*)"/g;

function ownRule(file: string, sources: WriterSources): readonly OtherWriter[] {
  return linesOf(sources.text(file) ?? '', /^#/).flatMap(({ text, line }): readonly OtherWriter[] => {
    if (!/sysctl|\/proc\/sys\//i.test(text)) return [];
    const common = { by: 'udev', file, line, when: 'on-new-interface', how: 'command', sure: false } as const;
    const commands = [...text.matchAll(RUN)].flatMap(([, command = '']) =>
      // A name that stands for any interface is no key yet: it gets through as one word and becomes the pattern again.
      scriptWriters(withAnyName(command).replaceAll('*', ANY_NAME), common, sources),
    );
    const attributes = [...text.matchAll(ATTRIBUTE)].flatMap(([, name = '', value = '']) => {
      const key = /[./]/.exec(name)?.[0] === '/' ? name.replaceAll('/', '.') : name;
      return [writer({ ...common, how: 'line' }, withAnyName(key).replaceAll('*', ANY_NAME), value)];
    });
    return [...commands, ...attributes].map((each) => ({
      ...each,
      key: each.key.replaceAll(ANY_NAME, '*'),
    }));
  });
}

/**
 * systemd's own rule applies the sysctl files to each new interface (rules.d/99-systemd.rules.in); rules of the host may
 * set anything. Nothing orders the events of a boot with systemd-sysctl.service: so no value of theirs is certain.
 */
export function udev(sources: WriterSources): readonly OtherWriter[] {
  const own = sources.names(OWN).filter((name) => name.endsWith('.rules'));
  const shipped = SHIPPED.find((directory) => sources.text(`${directory}/${SYSTEMD_RULES}`) !== null);
  const isReplaced = own.includes(SYSTEMD_RULES);
  return [
    ...(shipped === undefined || isReplaced ? [] : rerunOf(`${shipped}/${SYSTEMD_RULES}`, sources)),
    ...own.flatMap((name) => [...rerunOf(`${OWN}/${name}`, sources), ...ownRule(`${OWN}/${name}`, sources)]),
  ];
}

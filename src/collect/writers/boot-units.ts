import { valueOr } from '../../core/fact.ts';
import { baseName } from '../../core/paths.ts';
import type { HostReader } from '../../core/ports.ts';
import type { ConfigFiles } from '../backlog/config-files.ts';
import { SYSTEM_UNIT_DIRECTORIES, type Unit, type UnitSetting, unitReader } from '../backlog/unit-files.ts';

/** What starts a unit at the next boot: `file` says so, and `sure` is false where more is needed than that. */
export type Start = { readonly file: string; readonly sure: boolean };

/** The units that the next boot finds. */
export type BootUnits = {
  /** A masked unit is never started, whatever wants it. */
  isMasked(unit: string): boolean;
  /** The unit with its drop-ins as systemd puts them together; null where there is none, or a mask. */
  unit(name: string): Unit | null;
  /**
   * null where nothing starts it, or it is masked. A socket of its name starts it only once somebody connects.
   * @param sign a path that is there where it may be started although no unit says so, such as where it runs now
   */
  startsAtBoot(unit: string, sign?: string): Start | null;
};

/** A boot begins with an empty /run, in which the generators make theirs anew. */
const DIRECTORIES = SYSTEM_UNIT_DIRECTORIES.filter(
  (directory) => !directory.startsWith('/run/') || directory.startsWith('/run/systemd/generator'),
);

/** Reached whenever the host comes up (bootup(7)); network.target is wanted by whatever sets up the network. */
const AT_BOOT: ReadonlySet<string> = new Set(
  'default multi-user basic sysinit local-fs local-fs-pre remote-fs swap sockets timers paths slices getty network'
    .split(' ')
    .map((name) => `${name}.target`),
);

/** Reached only as the host goes down, sleeps, or comes up for a repair or from its initramfs (systemd.special(7)). */
const NOT_AT_BOOT =
  /^(?:initrd.*|(?:systemd-)?(?:sleep|suspend|hibernate|hybrid-sleep|suspend-then-hibernate|shutdown|umount|final|reboot|soft-reboot|poweroff|halt|kexec|exit|rescue|emergency|ctrl-alt-del|kbrequest|sigpwr|factory-reset|system-update|system-update-pre|runlevel[016]))\.(?:target|service)$/;

const DEFAULT_TARGETS = ['/etc/systemd/system/default.target', '/usr/lib/systemd/system/default.target'];

/** The system manager of a host may do everything. */
function holdsAnywhere({ key, value }: UnitSetting): boolean {
  return key === 'ConditionCapability' && !/^\|?!/.test(value);
}

/** Whether it asks for something that may not be so at a boot; an empty ConditionX= or AssertX= takes back all before it. */
function isConditional(settings: readonly UnitSetting[]): boolean {
  return ['Condition', 'Assert'].some((kind) => {
    const all = settings.filter(({ section, key }) => section === 'Unit' && key.startsWith(kind));
    const reset = all.findLastIndex(({ value }) => value === '');
    return all.slice(reset + 1).some((each) => !holdsAnywhere(each));
  });
}

export function bootUnits(files: ConfigFiles, reader: HostReader): BootUnits {
  let made: ReturnType<typeof unitReader> | undefined;
  const units = () => {
    made ??= unitReader(files, reader, DIRECTORIES);
    return made;
  };

  function isReached(target: string): boolean {
    if (AT_BOOT.has(target)) return true;
    const link = DEFAULT_TARGETS.find((path) => reader.lstat(path).ok);
    return link !== undefined && baseName(valueOr(reader.readLink(link), '')) === target;
  }

  function enabledBy(unit: string): Start | null {
    const found = units().read(unit);
    if (!found.ok && found.why === 'absent') return null;
    const isPlain = found.ok && !isConditional(found.value.settings);
    const links = units()
      .wantedBy(unit)
      .filter(({ by }) => !NOT_AT_BOOT.test(by))
      .map(({ by, link }) => ({ file: link, sure: isPlain && isReached(by) }));
    return links.find(({ sure }) => sure) ?? links[0] ?? null;
  }

  /** Of a service that is there and that its socket starts. */
  function socketOf(unit: string): Start | null {
    if (!unit.endsWith('.service') || !units().read(unit).ok) return null;
    const socket = enabledBy(unit.replace(/\.service$/, '.socket'));
    return socket === null ? null : { ...socket, sure: false };
  }

  return {
    isMasked: (unit) => units().isMasked(unit),
    unit: (name) => valueOr(units().read(name), null),
    startsAtBoot: (unit, sign) => {
      if (units().isMasked(unit)) return null;
      const start = enabledBy(unit) ?? socketOf(unit);
      if (start !== null) return start;
      return sign !== undefined && reader.lstat(sign).ok ? { file: sign, sure: false } : null;
    },
  };
}

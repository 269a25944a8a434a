import { type Fact, known, thenFact, unknown } from '../core/fact.ts';
import type { HostReader } from '../core/ports.ts';
import type { Host } from '../snapshot/host.ts';
import { fieldsOf } from './fields.ts';
import { ticksPerSecond } from './ticks.ts';
import type { UnseenLog } from './unseen.ts';

type HostFacts = Required<
  Pick<Host, 'memoryBytes' | 'pageBytes' | 'ticksPerSecond' | 'cpus' | 'operatingSystem'>
>;

export function collectHostFacts(reader: HostReader, unseen: UnseenLog): HostFacts {
  const memory = memoryBytes(reader);
  if (!memory.ok && memory.why !== 'absent') unseen.add('the size of the memory', memory);
  return {
    memoryBytes: memory,
    pageBytes: pageBytes(reader),
    ticksPerSecond: ticksPerSecond(reader),
    cpus: onlineCpus(reader),
    operatingSystem: operatingSystem(reader),
  };
}

function memoryBytes(reader: HostReader): Fact<number> {
  return thenFact(reader.readText('/proc/meminfo'), (text) => {
    const kibibytes = /^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
    return kibibytes === undefined ? unknown('malformed') : known(Number(kibibytes) * 1024, '/proc/meminfo');
  });
}

/** AT_PAGESZ of getauxval(3). */
const AUXV_PAGE_SIZE = 6n;

/** The auxiliary vector is pairs of machine words; which byte order and width they have shows in the pair itself. */
function pageBytes(reader: HostReader): Fact<number> {
  return thenFact(reader.readBytes('/proc/self/auxv'), (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const littleEndian of [true, false]) {
      for (const width of [8, 4] as const) {
        const found = auxiliaryValue(view, AUXV_PAGE_SIZE, width, littleEndian);
        if (found !== null && isPageSize(found)) return known(found, '/proc/self/auxv');
      }
    }
    return unknown('malformed');
  });
}

function auxiliaryValue(view: DataView, key: bigint, width: 4 | 8, littleEndian: boolean): number | null {
  const word = (at: number) =>
    width === 8 ? view.getBigUint64(at, littleEndian) : BigInt(view.getUint32(at, littleEndian));
  for (let at = 0; at + 2 * width <= view.byteLength; at += 2 * width) {
    if (word(at) === key) return Number(word(at + width));
  }
  return null;
}

/** A power of two from 4 KiB to 1 MiB. */
function isPageSize(bytes: number): boolean {
  return bytes >= 4096 && bytes <= 1024 * 1024 && Number.isInteger(Math.log2(bytes));
}

/** `0-3,8-11` is eight. */
export function onlineCpus(reader: HostReader): Fact<number> {
  return thenFact(reader.readText('/sys/devices/system/cpu/online'), (text) => {
    const ranges = text
      .trim()
      .split(',')
      .map((range) => /^(\d+)(?:-(\d+))?$/.exec(range));
    const count = ranges.reduce((sum, range) => {
      const first = Number(range?.[1] ?? Number.NaN);
      return sum + Number(range?.[2] ?? first) - first + 1;
    }, 0);
    return Number.isInteger(count) && count > 0
      ? known(count, '/sys/devices/system/cpu/online')
      : unknown('malformed');
  });
}

/** os-release(5): the file in /etc, else the one in /usr/lib. */
function operatingSystem(reader: HostReader): Host['operatingSystem'] & {} {
  const inEtc = reader.readText('/etc/os-release');
  return thenFact(inEtc.ok ? inEtc : reader.readText('/usr/lib/os-release'), (text) => {
    const fields = fieldsOf(text, '=');
    const field = (name: string, otherwise: string) => unquoted(fields.get(name) ?? otherwise);
    const id = field('ID', 'linux');
    return known({ id, versionId: field('VERSION_ID', ''), name: field('PRETTY_NAME', id) });
  });
}

function unquoted(value: string): string {
  const inside = /^(["'])(.*)\1$/.exec(value)?.[2];
  return (inside ?? value).replace(/\\([$"'\\`])/g, '$1');
}

import { valueOr } from '../../core/fact.ts';
import type { OtherWriter } from '../../snapshot/other-writer.ts';
import type { WriterSources } from './sources.ts';

const DRACUT_MODULES = '/usr/lib/dracut/modules.d';
/** What dracut copies into an image of its own host. */
const COPIED = ['/usr/lib/sysctl.d', '/etc/sysctl.d', '/etc/sysctl.conf'] as const;
const MOST_FILES = 500;

/** The image of a release, by the names that Red Hat, Debian and SUSE give it. */
function imageNames(release: string): readonly string[] {
  return [`initramfs-${release}.img`, `initrd.img-${release}`, `initrd-${release}`];
}

function modifiedMs(path: string, { reader }: WriterSources): number {
  const stat = reader.stat(path);
  return stat.ok ? stat.value.modifiedMs : 0;
}

/** A file that was taken away shows in its directory alone. */
function lastChangeMs(sources: WriterSources): number {
  const paths = COPIED.flatMap((path) => [
    path,
    ...sources
      .names(path)
      .filter((name) => name.endsWith('.conf'))
      .slice(0, MOST_FILES)
      .map((name) => `${path}/${name}`),
  ]);
  return paths.reduce((latest, path) => Math.max(latest, modifiedMs(path, sources)), 0);
}

/**
 * dracut's systemd-sysctl module copies the sysctl files into the image and applies them there, before the root file
 * system is mounted: what an older copy holds and no file sets any more is still set at the next boot. Whether the
 * module is in an image cannot be told without unpacking it.
 */
export function initramfs(sources: WriterSources): readonly OtherWriter[] {
  if (!sources.names(DRACUT_MODULES).some((name) => /^\d\d(?:-)?systemd-sysctl$/.test(name))) return [];
  const release = valueOr(sources.reader.readText('/proc/sys/kernel/osrelease'), '').trim();
  const image = imageNames(release).find((name) => release !== '' && sources.has(`/boot/${name}`));
  if (image === undefined) return [];
  const file = `/boot/${image}`;
  const isOlder = modifiedMs(file, sources) < lastChangeMs(sources);
  return isOlder
    ? [
        {
          by: 'initramfs',
          key: '*',
          relation: 'exactly',
          file,
          when: 'before-loader',
          how: 'copy',
          sure: false,
        },
      ]
    : [];
}

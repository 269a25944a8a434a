import type { HostReader, HostWriter } from './ports.ts';

/** A directory that stands somewhere else than those who work in it think. */
export type Move = { readonly from: string; readonly to: string };

function moved(path: string, { from, to }: Move): string {
  return path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
}

/** @param place options that lead another of our commands there, as they are typed */
export function movedReader(reader: HostReader, move: Move, place: string): HostReader {
  const at = (path: string) => moved(path, move);
  return {
    root: reader.root,
    place,
    typed: (path) => reader.typed(at(path)),
    readBytes: (path, maxBytes) => reader.readBytes(at(path), maxBytes),
    readText: (path, maxBytes) => reader.readText(at(path), maxBytes),
    readOpened: (path, maxBytes) => reader.readOpened(at(path), maxBytes),
    list: (path) => reader.list(at(path)),
    lstat: (path) => reader.lstat(at(path)),
    stat: (path) => reader.stat(at(path)),
    readLink: (path) => reader.readLink(at(path)),
  };
}

export function movedWriter(writer: HostWriter, move: Move): HostWriter {
  const at = (path: string) => moved(path, move);
  return {
    createExclusive: (path, mode) => writer.createExclusive(at(path), mode),
    openAppend: (path) => writer.openAppend(at(path)),
    mkdir: (path, mode) => writer.mkdir(at(path), mode),
    rename: (from, to) => writer.rename(at(from), at(to)),
    syncDir: (path) => writer.syncDir(at(path)),
    unlink: (path) => writer.unlink(at(path)),
    rmdir: (path) => writer.rmdir(at(path)),
    writeSysctl: (path, value) => writer.writeSysctl(path, value),
  };
}

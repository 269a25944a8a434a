import { unknown } from './fact.ts';
import type { HostReader, HostWriter, Typed } from './ports.ts';

/** A directory that stands somewhere else than those who work in it think. */
export type Move = { readonly from: string; readonly to: string };

function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

function moved(path: string, { from, to }: Move): string {
  return isAt(path, from) ? to + path.slice(from.length) : path;
}

/** @param typed how a person reaches it */
export function movedReader(reader: HostReader, move: Move, typed: Omit<Typed, 'path'>): HostReader {
  const at = (path: string) => moved(path, move);
  return {
    root: reader.root,
    typed: { ...typed, path: (path) => reader.typed.path(at(path)) },
    readBytes: (path, maxBytes) => reader.readBytes(at(path), maxBytes),
    readText: (path, maxBytes) => reader.readText(at(path), maxBytes),
    readOpened: (path, maxBytes) => reader.readOpened(at(path), maxBytes),
    list: (path) => reader.list(at(path)),
    lstat: (path) => reader.lstat(at(path)),
    stat: (path) => reader.stat(at(path)),
    readLink: (path) => reader.readLink(at(path)),
  };
}

/** The same without what stands at some paths, and below them. */
export function readerWithout(reader: HostReader, paths: readonly string[]): HostReader {
  const isHidden = (path: string) => paths.some((each) => isAt(path, each));
  const absent = unknown('absent');
  return {
    root: reader.root,
    typed: reader.typed,
    readBytes: (path, maxBytes) => (isHidden(path) ? absent : reader.readBytes(path, maxBytes)),
    readOpened: (path, maxBytes) => (isHidden(path) ? absent : reader.readOpened(path, maxBytes)),
    readText: (path, maxBytes) => (isHidden(path) ? absent : reader.readText(path, maxBytes)),
    list: (path) => (isHidden(path) ? absent : reader.list(path)),
    lstat: (path) => (isHidden(path) ? absent : reader.lstat(path)),
    stat: (path) => (isHidden(path) ? absent : reader.stat(path)),
    readLink: (path) => (isHidden(path) ? absent : reader.readLink(path)),
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

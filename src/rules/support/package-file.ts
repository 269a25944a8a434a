/** A file that a package ships: nobody wrote it for this host. */
export function isPackagesFile(file: string): boolean {
  return /^(?:\/usr)?\/lib\//.test(file);
}

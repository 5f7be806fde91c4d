import type { CgroupHost } from './cgroups.js';

/** An entry of the jail's root: a symbolic link to `target`, or a read-only bind. */
export interface RootEntry {
  readonly path: string;
  readonly target: string | undefined;
}

/** What the jail backend found on this machine and works with. */
export interface JailHost {
  /** Absolute path of bubblewrap. */
  readonly bwrapPath: string;
  /** Absolute path of a Python 3 below /usr that the jail's user can read. */
  readonly pythonPath: string;
  /** Absolute path of a Node binary that the jail's user can read. */
  readonly nodePath: string | undefined;
  /** User to start bubblewrap as; undefined: the service's own, which is not root. */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined;
  /** /bin, /lib and the like. */
  readonly rootEntries: readonly RootEntry[];
  /** Where cgroups can be made; undefined: nowhere. */
  readonly cgroups: CgroupHost | undefined;
  /** The compiled helper of pre-forked interpreters; undefined: there is none. */
  readonly helperPath: string | undefined;
  /** Classic BPF program for this machine; undefined: none is loaded. */
  readonly seccompFilter: Uint8Array | undefined;
}

/** What a program shares with others of its way, and what it has to itself. */
const NAMESPACES = {
  interpreter: "own pid,mount,ipc,uts namespaces; an interpreter's user,net namespaces",
  jail: 'own user,pid,mount,ipc,uts,net namespaces',
} as const;

/** What isolates a program that a pre-forked interpreter runs, or one in a jail made for it alone. */
export function isolationOf({ seccompFilter, cgroups }: JailHost, way: keyof typeof NAMESPACES): string {
  const parts = [
    NAMESPACES[way],
    ...(seccompFilter === undefined ? [] : ['seccomp']),
    ...(cgroups === undefined ? [] : [cgroups.version]),
  ];
  return parts.join('; ');
}

/**
 * A disk that takes long to sync, for who has a fast one: a library before the system's own lets fsync and fdatasync wait
 * first. Built with the C compiler of the machine, in a directory of its own. Linux only.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const source = ms => `#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static int slow(const char *name, int file) {
  struct timespec wait = { 0, ${ms} * 1000000L };
  nanosleep(&wait, 0);
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}
int fsync(int file) { return slow("fsync", file); }
int fdatasync(int file) { return slow("fdatasync", file); }
`

/** The environment of a process whose syncs take so many milliseconds more; undefined without a compiler. */
export function slowDisk(ms) {
  if (process.platform !== 'linux') return undefined
  const directory = mkdtempSync(join(tmpdir(), 'spec-kitty-slow-disk-'))
  const end = () => rmSync(directory, { recursive: true, force: true })
  const [c, library] = [join(directory, 'slow.c'), join(directory, 'slow.so')]
  writeFileSync(c, source(ms))
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, c, '-ldl'], { stdio: 'ignore' })
  } catch {
    end()
    return undefined
  }
  return { env: { LD_PRELOAD: library }, end }
}

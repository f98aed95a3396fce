/** `board --watch`: the board that stays, on the whole screen or as lines of JSON. */
import type { TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { KittyError } from '@spec-kitty/contracts/errors'
import { readBoard } from '@spec-kitty/core/board/overview'
import { tasksStatus } from '@spec-kitty/core/board/status-command'
import { showWorkPackage } from '@spec-kitty/core/board/story'
import { packageDiff } from '@spec-kitty/core/dashboard/package'
import { missionAt } from '@spec-kitty/core/repo/mission/handle'
import { readConfig } from '@spec-kitty/core/repo/project/config'
import { locateProject, type Project } from '@spec-kitty/core/repo/project/locate'
import { moveTask } from '@spec-kitty/core/tasks/move-task/move-task'
import type { Ports } from '@spec-kitty/core/world/ports'
import { createStore, type Store } from '@spec-kitty/dashboard/store'
import { watchMissions } from '@spec-kitty/dashboard/watcher'
import { editText } from '@spec-kitty/host/editor'
import { stayingPorts } from '@spec-kitty/host/kept'
import { onStopSignal } from '@spec-kitty/server/process'
import type { Session } from '../command.ts'
import { packagePage } from '../commands/show.ts'
import { draw, firstView, press, type View, type Wish, withBoard } from './view.ts'

interface Input {
  readonly mission?: string | undefined
  readonly staleThreshold?: number | undefined
}

interface Watched {
  /** Reads; what is to be noted is on the board. */
  readonly ports: Ports
  /** May write, for what a person does with a key. */
  readonly acting: Ports
  readonly project: Project
  readonly slug: string
  readonly store: Store
  readonly staleMinutes: number | undefined
}

/** Resolves with the last board when somebody ends it. Throws what the board itself throws, before it begins. */
export async function watchBoard(ports: Ports, input: Input, session: Session): Promise<TasksStatus> {
  const board = await tasksStatus(ports, input)
  const project = locateProject(ports)
  const quiet = stayingPorts(ports, ports.env.cwd)
  const watched = {
    ports: quiet,
    acting: { ...session.acting, note: () => {} },
    project,
    slug: board.mission_slug,
    store: createStore(quiet, project),
    staleMinutes: input.staleThreshold,
  }
  return session.interactive()
    ? await onScreen(watched, board, session)
    : await asLines(watched, board, session)
}

async function currentBoard({ ports, project, slug, store, staleMinutes }: Watched): Promise<TasksStatus> {
  const { log } = await store.known(slug)
  if (log instanceof KittyError) throw log
  const config = await readConfig(ports, project)
  return await readBoard(ports, project, missionAt(ports, project, slug), { config, staleMinutes, log })
}

/** One board at a time; what changes meanwhile is looked at once more. */
function follow(watched: Watched, see: (board: TasksStatus) => void, fail: (error: unknown) => void) {
  let reading = false
  let again = false
  const look = async (): Promise<void> => {
    again = true
    if (reading) return
    reading = true
    try {
      while (again) {
        again = false
        see(await currentBoard(watched))
      }
    } catch (error) {
      fail(error)
    } finally {
      reading = false
    }
  }
  const { ports, project, store, slug } = watched
  const watching = watchMissions(ports, project, store, ({ mission }) => {
    if (mission === null || mission === slug) void look()
  })
  return { look, close: watching.close }
}

/** The first line says how things stand, the others what they became. Ends by a signal, or when nobody reads. */
function asLines(watched: Watched, first: TasksStatus, session: Session): Promise<TasksStatus> {
  return new Promise((resolve, reject) => {
    let last = first
    const end = (): void => {
      following.close()
      resolve(last)
    }
    const tell = (board: TasksStatus): void => {
      last = board
      if (!session.emit(board)) end()
    }
    const following = follow(
      watched,
      board => {
        if (JSON.stringify(board) !== JSON.stringify(last)) tell(board)
      },
      error => {
        // A log in the middle of a change by hand: the next change tells more.
        if (error instanceof KittyError) return
        following.close()
        reject(error)
      },
    )
    onStopSignal(end)
    tell(first)
    // What changed before the watching began.
    void following.look()
  })
}

async function onScreen(watched: Watched, first: TasksStatus, session: Session): Promise<TasksStatus> {
  const { style } = session
  const terminal = await session.terminal()
  let view = firstView(first)
  const redraw = (): void => terminal.draw(draw(view, terminal, style))
  const tell = (message: string): void => {
    view = { ...view, message }
    redraw()
  }
  const following = follow(
    watched,
    board => {
      view = withBoard(view, board)
      redraw()
    },
    error => tell(error instanceof Error ? error.message : String(error)),
  )
  try {
    await new Promise<void>(resolve => {
      let busy = false
      // What was written and then refused is there again the next time.
      const drafts = new Map<string, string>()
      const fulfil = async (wish: Wish): Promise<void> => {
        busy = true
        try {
          view = await carryOut(watched, view, wish, async wpId => {
            const text = await terminal.aside(() => editText(editorOf(watched.ports), drafts.get(wpId) ?? ''))
            return drafts.set(wpId, text ?? drafts.get(wpId) ?? '').get(wpId)
          })
          redraw()
          session.settle()
        } catch (error) {
          tell(error instanceof KittyError ? `${error.message}. ${error.hint ?? ''}` : String(error))
        } finally {
          busy = false
        }
      }
      terminal.onKey(key => {
        if (busy) return
        const pressed = press(view, key, terminal)
        view = pressed.view
        redraw()
        if (pressed.wish === 'quit') resolve()
        else if (pressed.wish !== undefined) void fulfil(pressed.wish)
      })
      terminal.onResize(redraw)
      onStopSignal(resolve)
      redraw()
      void following.look()
    })
  } finally {
    following.close()
    terminal.close()
  }
  return view.board
}

async function carryOut(
  { acting, ports, project, slug }: Watched,
  view: View,
  wish: Wish,
  edit: (wpId: string) => Promise<string | undefined>,
): Promise<View> {
  const wpId = view.page?.wpId ?? view.selected ?? ''
  if (wish === 'open') {
    const { reviews, ...shown } = await showWorkPackage(ports, { mission: slug, wpId })
    const { files } = await packageDiff(ports, project, missionAt(ports, project, slug), wpId)
    const diff = files.flatMap(file => [
      '',
      `${file.status} ${file.path}`,
      file.patch?.trimEnd() ?? (file.cut ? '(too long to show here)' : '(no text)'),
    ])
    const text = [packagePage({ ...shown, reviews }), ...diff].join('\n')
    return { ...view, page: { wpId, lines: text.split(/\r?\n/), top: 0 } }
  }
  if (wish === 'approve') {
    await moveTask(acting, { mission: slug, taskId: wpId, to: 'approved' })
    return { ...view, message: `Approved ${wpId}.` }
  }
  const reviewFeedback = (await edit(wpId))?.trim() ?? ''
  if (reviewFeedback === '') return { ...view, message: 'No feedback was written: nothing was changed.' }
  await moveTask(acting, { mission: slug, taskId: wpId, to: 'planned', reviewFeedback })
  return { ...view, message: `Sent ${wpId} back with your feedback.` }
}

function editorOf({ env }: Pick<Ports, 'env'>): string {
  return env.get('VISUAL') ?? env.get('EDITOR') ?? 'vi'
}

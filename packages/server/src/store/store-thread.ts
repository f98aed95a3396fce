/** Entry of the database's thread. */
import { serveThread } from './thread.ts'

void serveThread()

/** Entry of the server's threads. */
import { serveThread } from './thread.ts'

void serveThread()

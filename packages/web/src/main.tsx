/** The dashboard's page. */
import { render } from 'preact'
import { loadSession } from './data/ask.ts'
import { startLive } from './data/live.ts'
import { startRoute } from './data/route.ts'
import { snapshot } from './data/snapshot.ts'
import { startClock } from './data/time.ts'
import { Frame } from './views/frame.tsx'
import { startKeys } from './views/keys.tsx'
import { startTheme } from './views/theme.ts'

startTheme()
startRoute()
startKeys()
startClock()
if (snapshot === undefined) void loadSession()
startLive()
const place = document.getElementById('app')
if (place !== null) render(<Frame />, place)

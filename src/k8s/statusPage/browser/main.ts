import { Frame } from './frame.js';
import { root } from './dom.js';
import { showLaunch } from './launchPage.js';
import { showTable } from './tablePage.js';

const path = location.pathname.slice(root.pathname.length);
const [, namespace, name] = /^launches\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
const frame = new Frame();
if (namespace === undefined || name === undefined) showTable(frame);
else showLaunch(frame, decodeURIComponent(namespace), decodeURIComponent(name));

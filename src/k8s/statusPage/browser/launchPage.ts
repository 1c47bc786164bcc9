import type { CommandView, ExitView, LaunchDetail, LaunchNews } from '../viewTypes.js';
import { Connection } from './connection.js';
import { badge, el, root } from './dom.js';
import type { Frame } from './frame.js';
import { sinceOf } from './listing.js';
import { age, ServerClock } from './time.js';
import { Waterfall } from './waterfall.js';

/** The page of one launch. */
export function showLaunch(frame: Frame, namespace: string, name: string): void {
  document.title = `${name} · chaincode launches`;
  const clock = new ServerClock();
  const body = new LaunchBody();
  // Who came from a filtered table goes back to it.
  const from = document.referrer.split('?', 1)[0] === root.href ? document.referrer : root.href;
  const back = el('a', { class: 'back', href: from }, '← All launches');
  frame.main.append(el('nav', {}, back), body.element);
  setInterval(() => body.tick(clock.now()), 1000);
  new Connection({
    event: 'launch',
    launch: `${namespace}/${name}`,
    onNews: (data) => {
      const { state, launch } = JSON.parse(data) as LaunchNews;
      clock.set(state.now);
      body.show(launch, `${namespace}/${name}`, clock.now());
    },
    onState: (state) => {
      clock.set(state.now);
      frame.state(state);
    },
    onLink: (link) => frame.link(link),
  });
}

class LaunchBody {
  readonly element = el(
    'article',
    {},
    el('p', { class: 'count', role: 'status' }, 'Waiting for the launch…'),
  );
  readonly #waterfall = new Waterfall();
  readonly #age = el('dd', {});
  #since: number | undefined;

  show(launch: LaunchDetail | null, key: string, now: number): void {
    if (!launch) {
      this.#since = undefined;
      const text = `There is no launch ${key}. It was deleted, or never was; if it comes to be it will be shown here.`;
      this.element.replaceChildren(el('p', { class: 'count', role: 'status' }, text));
      return;
    }
    const { row } = launch;
    document.title = `${row.phase}: ${row.chaincode}:${row.version}`;
    this.#since = Date.parse(sinceOf(row));
    this.#waterfall.update(launch.bars, Date.parse(row.begun ?? ''), now);
    this.element.replaceChildren(
      titleOf(launch),
      verdictOf(launch),
      this.#waterfall.element,
      this.#facts(launch),
      conditionsOf(launch),
      commandsOf(launch.commands),
    );
    this.tick(now);
  }

  tick(now: number): void {
    if (this.#since === undefined || Number.isNaN(this.#since)) return;
    this.#waterfall.tick(now);
    this.#age.textContent = age(now - this.#since);
  }

  #facts({ row, image, buildImage, buildPod, transaction }: LaunchDetail): HTMLElement {
    const facts: [string, string | undefined][] = [
      ['Object', row.key],
      ['Endorser', `${row.peer} (${row.mspId})`],
      ['Channel', row.channel],
      ['Transaction', transaction],
      ['Try', row.attempt > 1 ? `${row.attempt} (the times are those of this one)` : '1'],
      ['Language', row.type],
      ['Pod', row.pod],
      ['Node', row.node],
      ['Image', image],
      ['Build Pod', buildPod],
      ['Builder image', buildImage],
      ['Began', sinceOf(row)],
    ];
    const list = el('dl', {});
    for (const [title, value] of facts) {
      if (value !== undefined) list.append(el('div', {}, el('dt', {}, title), el('dd', {}, value)));
    }
    list.append(el('div', {}, el('dt', {}, 'Age'), this.#age));
    return el('section', { class: 'facts' }, el('h2', {}, 'Facts'), list);
  }
}

function titleOf({ row }: LaunchDetail): HTMLElement {
  const marks = row.marks.map((mark) => el('span', { class: 'mark' }, mark));
  return el('h1', {}, `${row.chaincode}:${row.version}`, ' ', badge(row.phase), ...marks);
}

/** Why it is where it is; for one that ended, how. */
function verdictOf({ row, message, exit }: LaunchDetail): HTMLElement {
  const text = el('p', {}, el('b', {}, row.reason || row.phase), el('span', { class: 'message' }, message));
  return el(
    'section',
    { class: 'verdict', 'data-phase': row.phase, 'aria-label': 'Why' },
    text,
    ...(exit ? exitOf(exit) : []),
  );
}

function exitOf({ code, reason, signal, lastLines }: ExitView): HTMLElement[] {
  const more = [reason, signal].filter((each) => each !== undefined).join(', ');
  const text = el('p', { class: 'exit' }, `Exit code ${code}${more === '' ? '' : ` (${more})`}`);
  if (lastLines.length === 0) return [text];
  const output = el('pre', { tabindex: '0', 'aria-label': 'Last lines of its output' }, lastLines.join('\n'));
  return [text, el('p', { class: 'caption' }, 'Last lines of its output'), output];
}

function conditionsOf({ conditions, message: known }: LaunchDetail): HTMLElement {
  const head = el(
    'tr',
    {},
    ...['Condition', 'Status', 'Reason', 'Since'].map((title) => el('th', { scope: 'col' }, title)),
  );
  const rows = conditions.map(({ type, status, reason, since, message }) =>
    el(
      'tr',
      { 'data-status': status },
      el('th', { scope: 'row' }, type),
      el('td', {}, status),
      el('td', {}, reason, ...(message === '' || message === known ? [] : [el('small', {}, message)])),
      el('td', {}, since.replace('T', ' ').replace(/\.\d+/, '')),
    ),
  );
  const table = el('table', { class: 'conditions' }, el('thead', {}, head), el('tbody', {}, ...rows));
  return el('section', {}, el('h2', {}, 'Conditions'), table);
}

function commandsOf(commands: readonly CommandView[]): HTMLElement {
  const lines = commands.map(({ title, command }) => {
    const copy = el('button', { type: 'button', 'aria-label': `Copy: ${command}` }, 'Copy');
    copy.addEventListener('click', () => void copyText(command, copy));
    return el('li', {}, el('span', {}, title), el('code', {}, command), copy);
  });
  return el('section', { class: 'commands' }, el('h2', {}, 'Look further'), el('ul', {}, ...lines));
}

/** Browsers have a clipboard only over https and on localhost. */
async function copyText(text: string, button: HTMLButtonElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Select it by hand';
  }
  setTimeout(() => (button.textContent = 'Copy'), 2000);
}

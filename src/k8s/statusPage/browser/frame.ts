import type { ServerState } from '../viewTypes.js';
import type { LinkState } from './connection.js';
import { el, root, setText } from './dom.js';

const linkTexts: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost, trying again',
};

/** What both pages have: the head with the connection, warnings, and who answers. */
export class Frame {
  readonly main = el('main', {});
  readonly #link = el('span', { class: 'link', role: 'status', 'data-link': 'connecting' });
  readonly #warning = el('p', { class: 'warning', role: 'alert', hidden: '' });
  readonly #scope = el('span', { class: 'scope' });
  readonly #replica = el('footer', {});

  constructor() {
    const home = el('a', { class: 'home', href: root.href }, 'Chaincode launches');
    const head = el('header', {}, home, this.#scope, this.#link);
    document.body.append(head, this.#warning, this.main, this.#replica);
  }

  link(link: LinkState): void {
    setText(this.#link, linkTexts[link]);
    this.#link.dataset['link'] = link;
    document.body.dataset['link'] = link;
  }

  state({ replica, leads, namespace, synced, trouble }: ServerState): void {
    setText(this.#scope, namespace === undefined ? 'all namespaces' : `namespace ${namespace}`);
    setText(
      this.#replica,
      leads
        ? `Answered by ${replica}, the replica that leads. Read-only.`
        : `Answered by ${replica}, a standby: another replica leads. A standby follows the cluster by itself, so this page is just as fresh. Read-only.`,
    );
    const warning = warningOf(synced, trouble);
    setText(this.#warning, warning);
    this.#warning.hidden = warning === '';
  }
}

function warningOf(synced: boolean, trouble: string | undefined): string {
  if (trouble !== undefined) {
    return `This replica does not get news from the Kubernetes API server at the moment, what is shown may be old: ${trouble}`;
  }
  return synced ? '' : 'This replica has just started: the list of launches is not complete yet.';
}

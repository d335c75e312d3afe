// Notes in one page what the figures need: keys, requests, busy, our messages, long tasks.
() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const notebook = panel.content;
  const { sharedModel } = panel.context.model;
  const { kernel } = panel.sessionContext.session;
  const cells = new Map(); // of the requests, by their ids
  const seen = { keys: [], busy: [], pieces: [], tasks: [] };
  const QUIET = 300; // ms without a word to the server about the file
  const PATIENCE = 30_000; // ms
  let [asking, asked] = [0, 0]; // the server, for the file or to save it
  const now = () => performance.timeOrigin + performance.now();
  const idle = () => new Promise(done => requestIdleCallback(done));
  const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));

  const dialog = async () => {
    await new Promise(done => setTimeout(done, PATIENCE));
    throw new Error(`not saved: ${document.querySelector('.jp-Dialog')?.textContent}`);
  };

  addEventListener(
    'keydown',
    event => event.key === 'Enter' && seen.keys.push(performance.timeOrigin + event.timeStamp),
    { capture: true }
  );
  new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(task => task.toJSON())))
    .observe({ type: 'longtask' });
  kernel.anyMessage.connect((_, { msg, direction }) => {
    if (direction === 'send') {
      if (msg.header.msg_type === 'execute_request') {
        cells.set(msg.header.msg_id, msg.metadata.cellId);
      }
    } else if (msg.content.execution_state === 'busy' && cells.has(msg.parent_header.msg_id)) {
      seen.busy.push({ cell: cells.get(msg.parent_header.msg_id), date: msg.header.date });
    } else if (msg.header.msg_type === 'comm_msg') {
      const { data } = msg.content;
      const { kind, cell_id, at, text, source } = data.finish ?? data; // as cell.run brings it
      if (['cell.place', 'cell.text', 'cell.finish'].includes(kind)) {
        seen.pieces.push({ when: now(), kind, cell_id, at, text, source });
      }
    }
  });

  const { contents } = window.jupyterapp.serviceManager;
  for (const verb of ['get', 'save']) {
    const stock = contents[verb].bind(contents);
    contents[verb] = (...given) => {
      asking += 1;
      return stock(...given).finally(() => {
        [asking, asked] = [asking - 1, now()];
      });
    };
  }

  window.bench = {
    seen,
    sources: () => sharedModel.cells.map(cell => cell.getSource()),

    /** Resolves when the page has nothing to do and no save is running or about to. */
    async quiet() {
      while (asking > 0 || now() - asked < QUIET) {
        await new Promise(done => setTimeout(done, QUIET / 4));
      }
      await idle();
    },

    /** Makes a cell the active one, in command mode, as a click beside it does. */
    async choose(at) {
      notebook.activeCellIndex = at;
      notebook.mode = 'command';
      notebook.node.focus();
      await frame();
      await idle();
    },

    /** Milliseconds from a message to the kernel's echo of it. */
    async roundTrip() {
      this.comm ??= kernel.createComm('bench-echo');
      if (!this.opened) {
        this.opened = true;
        await this.comm.open().done;
      }
      return new Promise(done => {
        const start = performance.now();
        this.comm.onMsg = () => done(performance.now() - start);
        this.comm.send({ kind: 'echo' });
      });
    },

    /** Milliseconds of a cell that the user runs, and of a save. */
    async runAndSave(at) {
      await this.choose(at);
      const start = performance.now();
      await window.jupyterapp.commands.execute('notebook:run-cell');
      await Promise.race([panel.context.save(), dialog()]);
      return performance.now() - start;
    },

    /** Writes recorded pieces into a new cell at their own pace; returns begin and end. */
    async replay(pieces, at) {
      const [place, ...texts] = pieces.filter(piece => piece.kind !== 'cell.finish');
      const begun = now();
      const cell = sharedModel.insertCell(at, { cell_type: 'code', source: place.source });
      for (const { when, at, text } of texts) {
        const wait = begun + when - place.when - now();
        await new Promise(done => setTimeout(done, Math.max(0, wait)));
        cell.transact(() => cell.updateSource(at, cell.getSource().length, text), false);
      }
      await frame();
      return [begun, now(), cell.getSource()];
    },

    /** Removes all cells from this place on. */
    removeFrom(at) {
      sharedModel.deleteCellRange(at, sharedModel.cells.length);
    }
  };
}

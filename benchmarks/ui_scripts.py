"""What the pages that ``ui.py`` measures are made to do and to note, in JavaScript."""

from __future__ import annotations

FRAME = "const frames = n => new Promise(done => { const go = () => n-- ? requestAnimationFrame(go) : done(); go(); });"
STOOD = """(() => {
    const look = () => {
        const app = window.jupyterapp;
        if (!app) return void setTimeout(look, 5);
        void app.restored.then(() => { window.__stood = performance.now() / 1000; });
    };
    look();
})()"""
"""Before Lab loads: notes the seconds after which it stands, with all that is at work from its start on."""

OPEN = """async ([kind, subject]) => {
    FRAMES
    const began = performance.now();
    const tab = await window.jupyterapp.commands.execute('workbench:open', {kind, subject});
    const told = () => tab.node.querySelector('h1, [role=alert], svg.wb-Graph, .wb-State:not([aria-busy])');
    while (!told() && performance.now() - began < 30000) await frames(1);
    const text = tab.node.innerText;
    await frames(2);
    const code = tab.node.querySelector('[role=alert] .wb-State-code');
    const failed = tab.node.querySelector('[role=alert]') ? code?.innerText ?? 'an error' : '';
    return {seconds: (performance.now() - began) / 1000, absent: text.includes('There is no such page here'),
        failed: told() ? failed : 'nothing is seen'};
}""".replace("FRAMES", FRAME)
"""Opens a page and tells how long it took to be drawn."""

KEYS = """(() => {
    FRAMES
    const own = window.fetch.bind(window);
    let pressed = 0;
    window.__keys = [];
    document.addEventListener('input', () => { pressed = performance.now(); }, true);
    window.fetch = async (input, init) => {
        const at = pressed, url = String(input.url || input);
        const answer = await own(input, init);
        if (at && url.includes('/workbench/api/catalog') && answer.ok) {
            void answer.clone().text().then(() => frames(2)).then(() => {
                const query = new URL(url).searchParams;
                if (query.get('facets') === 'false') window.__keys.push([query.get('query'), performance.now() - at]);
            });
        }
        return answer;
    };
})()""".replace("FRAMES", FRAME)
"""Before Lab loads: notes how long each key takes until what was found is drawn."""

SIDEBAR = """async () => {
    FRAMES
    const began = performance.now();
    await window.jupyterapp.commands.execute('workbench:search');
    const told = () => document.querySelector('.wb-Catalog [role=alert], .wb-Catalog-name');
    while (!told() && performance.now() - began < 30000) await frames(1);
    await frames(2);
    const failed = told() ? told().closest('[role=alert]')?.innerText ?? '' : 'nothing is seen';
    return {seconds: (performance.now() - began) / 1000, absent: false, failed};
}""".replace("FRAMES", FRAME)
"""Opens the catalog in the sidebar and tells how long it took until a dataset was drawn."""

UNFOLD = """async boxes => {
    FRAMES
    const page = window.jupyterapp.shell.currentWidget.node;
    const began = performance.now();
    page.querySelector('button[title="Open all groups"]').click();
    const shown = () => (page.querySelector('.wb-GraphView-map path').getAttribute('d') || '').split('M').length - 1;
    while (shown() < boxes && performance.now() - began < 60000) await frames(1);
    await frames(2);
    return {seconds: (performance.now() - began) / 1000, boxes: shown()};
}""".replace("FRAMES", FRAME)
"""Opens all groups of a graph and tells how long it took until all boxes were drawn."""

RECORD = """() => {
    window.__frames = [];
    let last = performance.now();
    window.__recording = true;
    const go = now => {
        window.__frames.push(now - last);
        last = now;
        if (window.__recording) requestAnimationFrame(go);
    };
    requestAnimationFrame(go);
}"""
"""Notes how long each frame takes, until it is told to stop."""

WATCH = """() => {
    window.__seen = [];
    const look = node => {
        const box = node.closest && node.closest('g.wb-Node');
        const state = box && /wb-is-(running|succeeded)/.exec(box.getAttribute('class'));
        return state ? [[box.dataset.id, state[1]]] : [];
    };
    FRAMES
    new MutationObserver(all => {
        const changed = all.flatMap(one => look(one.target));
        void frames(2).then(() => changed.forEach(one => window.__seen.push([...one, Date.now()])));
    }).observe(document.body, {subtree: true, attributes: true, attributeFilter: ['class']});
}""".replace("FRAMES", FRAME)
"""Notes when a step is seen in another state."""

(async () => {
  "use strict";
  // With a view box a drawing shrinks with its column until plotly has redrawn it.
  const makeScalable = (plot) => {
    for (const svg of plot.querySelectorAll(".main-svg")) {
      svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
    }
  };
  const figures = [...document.querySelectorAll("figure.chart")];
  try {
    const packed = document.getElementById("plotly-packed").textContent.trim();
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const library = document.createElement("script");
    library.textContent = await new Response(unpacked).text();
    document.head.append(library);
    for (const figure of figures) {
      const { data, layout, config } = JSON.parse(figure.querySelector("script").textContent);
      const plot = figure.querySelector(".plot");
      await Plotly.newPlot(plot, data, { ...layout, autosize: true }, config);
      makeScalable(plot);
      plot.on("plotly_afterplot", () => makeScalable(plot));
    }
  } catch (error) {
    for (const plot of document.querySelectorAll(".plot:not(.js-plotly-plot)")) {
      plot.textContent = "This browser is too old to draw the chart. It shows: " + plot.ariaLabel;
    }
    throw error;
  }
  // Paper is narrower than most windows: redraw to its width, then back.
  const redraw = (width) => {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      Plotly.relayout(plot, width ? { width } : { width: null, autosize: true });
    }
  };
  addEventListener("beforeprint", () => redraw(670));
  addEventListener("afterprint", () => redraw(null));
  document.documentElement.dataset.charts = "drawn";
})();

(function () {
  "use strict";
  document.querySelectorAll("[data-figure]").forEach(function (area) {
    var figure = area.parentElement;
    try {
      var content = JSON.parse(document.getElementById("figure-data-" + area.dataset.figure).textContent);
      area.style.height = content.layout.height + "px";
      Plotly.newPlot(area, content.data, content.layout, content.config).then(
        function () { figure.classList.add("drawn"); },
        function () { figure.classList.add("broken"); }
      );
    } catch (error) {
      area.style.height = "auto";
      figure.classList.add("broken");
    }
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (fold) {
      if (!fold.classList.contains("fold")) fold.open = true;
    });
  });
})();

buildReport(JSON.parse(document.getElementById("data").textContent));

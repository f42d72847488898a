// Evaluates what is typed (whole numbers with ×, + and −, and brackets) and looks the number up in what Python has computed.
"use strict";
(() => {
  const settings = JSON.parse(document.getElementById("data").textContent);
  const forms = [...document.forms];
  const solved = new Set();
  const MAXIMUM = BigInt(settings.maximum);
  // Thousands in groups of exactly three digits with the same separator everywhere.
  const GROUPED = /^[1-9][0-9]{0,2}(?:([, \u00a0\u202f\u2009])[0-9]{3}(?:\1[0-9]{3})*)$/;
  const REFUSED = "Write a whole number with all its digits, or a calculation such as 2*4*9+4.";

  const whole = text => {
    const number = text.trim();
    if (!/^[0-9]+$/.test(number) && !GROUPED.test(number)) return null;
    const value = BigInt(number.replace(/[^0-9]/g, ""));
    return value > MAXIMUM ? null : value;
  };

  // Returns the value of a sum of products, in which brackets may stand, or null for anything else.
  const evaluate = text => {
    const typed = text.replace(/[\u2066\u2069]/g, "").trim();
    if (typed.length > settings.chars || /^0[xX]/.test(typed)) return null;
    const left = typed.split(/([()+\u2212\u2013*×·⋅xX-])/).map(part => part.trim()).filter(Boolean).reverse();
    const take = signs => signs.test(left.at(-1) ?? "") ? left.pop() : "";
    const joined = (one, other, operation) => one === null || other === null ? null : operation(one, other);
    const factor = depth => {
      if (!take(/^\($/)) return whole(left.pop() ?? "");
      const value = depth < settings.depth ? sum(depth + 1) : null;
      return take(/^\)$/) ? value : null;
    };
    const product = depth => {
      let value = factor(depth);
      while (take(/^[*×·⋅xX]$/)) value = joined(value, factor(depth), (one, other) => one * other);
      return value;
    };
    const sum = depth => {
      let value = product(depth), sign;
      while ((sign = take(/^[+\u2212\u2013-]$/))) {
        value = joined(value, product(depth), (one, other) => sign === "+" ? one + other : one - other);
      }
      return value;
    };
    const total = sum(0);
    return total !== null && !left.length && total >= 0n && total <= MAXIMUM ? total : null;
  };

  const grouped = number => String(number).replace(/\B(?=(?:[0-9]{3})+$)/g, ",");

  // Returns in words how many times a number is too small or too large, or "" where that would say too much.
  const times = (number, answer) => {
    const [smaller, larger] = number < answer ? [number, answer] : [answer, number];
    if (smaller <= 1n) return "";
    const rest = larger % smaller, half = 2n * rest - smaller;
    let ratio = larger / smaller;
    if (half > 0n || (half === 0n && ratio % 2n)) ratio += 1n;
    if (ratio < 2n || ratio > BigInt(settings.times.maximum) || ratio === answer) return "";
    return settings.times[rest ? "about" : "exact"].replace("{}", grouped(ratio));
  };

  const reply = (exercise, number) => {
    const known = exercise.known[String(number)], answer = BigInt(exercise.answer);
    if (known !== undefined) return known;
    const [before, between, after] = number < answer ? exercise.small : exercise.large;
    return before + grouped(number) + between + times(number, answer) + after;
  };

  const showScore = () => {
    document.getElementById("score").textContent = `${solved.size} of ${forms.length} right`;
  };

  const check = (exercise, form, index) => {
    const place = document.getElementById(form.querySelector("input").getAttribute("aria-describedby"));
    const number = evaluate(form.querySelector("input").value);
    const right = number !== null && String(number) === exercise.answer;
    place.textContent = number === null ? REFUSED : reply(exercise, number);
    place.dataset.state = right ? "right" : "wrong";
    if (right) solved.add(index);
    showScore();
  };

  const unpack = async packed => {
    const bytes = Uint8Array.from(atob(packed), letter => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };

  // The answers pressed before all is unpacked wait for it.
  const unpacked = unpack(settings.packed);
  unpacked.then(showScore, () => {
    document.getElementById("score").textContent =
      "This browser is too old to check answers: open the file in a browser of 2023 or later.";
  });
  for (const [index, form] of forms.entries()) {
    form.addEventListener("submit", event => {
      event.preventDefault();
      unpacked.then(exercises => check(exercises[index], form, index), () => {});
    });
  }
})();

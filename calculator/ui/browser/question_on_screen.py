"""Scrolling to a new question: on a phone the button that asks for it is below the question.

Streamlit keeps the scroll position when the content changes, and has no call to scroll to an element.
"""

import streamlit as st

# The first question of a page is where the page begins, so nothing is scrolled for it.
_JS = """
export default function ({ data }) {
  const app = document.querySelector(".stApp");
  const asked = app.ourQuestion?.question, own = app.ourQuestion = { question: data.question };
  if (asked && asked !== data.question) requestAnimationFrame(() => {
    const block = document.querySelector(".st-key-question"), top = block?.getBoundingClientRect().top;
    // The answer at the top of the page covers what its scroll padding says.
    const covered = block && parseFloat(getComputedStyle(block.closest(".stMain")).scrollPaddingTop);
    if (block && (top < covered || top > innerHeight / 2)) block.scrollIntoView();
  });
  // Called once this place is gone from the page. By then the component may stand in another place.
  return () => { if (app.ourQuestion === own) delete app.ourQuestion; };
}
"""

# Streamlit requires that a component is registered once, when its module is loaded.
_scroll = st.components.v2.component("question_on_screen", js=_JS)


def question_on_screen(question: str) -> None:
    """Have the browser show the container with the key ``question`` when ``question`` is another one."""
    _scroll(key="question.scroll", data={"question": question})

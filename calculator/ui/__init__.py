"""The parts of the pages: state, components, frame and blocks. No other package uses Streamlit.

Each element of a page, also a container or a tab, is a message that the browser draws again after every
press. So the menu, the worked examples and the choice of the view are one element each, and the stylesheet
makes columns.
"""

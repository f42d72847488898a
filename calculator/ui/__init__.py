"""The parts of the pages: state, components, frame and blocks. No other package uses Streamlit."""

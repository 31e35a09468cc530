// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {DisplayStrings} from "../../contracts/libraries/DisplayStrings.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract DisplayStringsTest is BaseTest {
    function test_fixedDecimalsAreCutOffAndGrouped() public pure {
        assertEq(DisplayStrings.fixedDecimal(1_234_567_899_999, 6, 2), "1,234,567.89");
        assertEq(DisplayStrings.fixedDecimal(1_000_050_000, 6, 2), "1,000.05");
        assertEq(DisplayStrings.fixedDecimal(9_999, 6, 2), "0.00");
        assertEq(DisplayStrings.fixedDecimal(0, 18, 2), "0.00");
        assertEq(DisplayStrings.fixedDecimal(505, 1, 1), "50.5");
        assertEq(DisplayStrings.fixedDecimal(1_999, 3, 0), "1");
    }

    function test_shortDecimalsEndInNoZero() public pure {
        assertEq(DisplayStrings.shortDecimal(12.5e18, 18, 6), "12.5");
        assertEq(DisplayStrings.shortDecimal(123_456.789e18, 18, 6), "123,456.789");
        assertEq(DisplayStrings.shortDecimal(100e18, 18, 6), "100");
        assertEq(DisplayStrings.shortDecimal(0.000001e18, 18, 6), "0.000001");
        assertEq(DisplayStrings.shortDecimal(1, 18, 6), "under 0.000001");
        assertEq(DisplayStrings.shortDecimal(0, 18, 6), "0");
    }

    function testFuzz_groupedIsTheNumberItself(uint256 value) public pure {
        bytes memory text = bytes(DisplayStrings.grouped(value));
        uint256 read;
        for (uint256 i; i < text.length; ++i) {
            if ((text.length - i) % 4 == 0) assertEq(bytes32(text[i]), bytes32(","));
            else read = read * 10 + (uint8(text[i]) - 0x30);
        }
        assertEq(read, value);
    }

    function testFuzz_plainHoldsNothingThatJsonOrXmlReads(bytes memory text, uint8 limit) public pure {
        bytes memory shown = bytes(DisplayStrings.plain(string(text), limit));
        assertTrue(shown.length <= limit && shown.length <= text.length);
        for (uint256 i; i < shown.length; ++i) {
            bytes1 char = shown[i];
            assertTrue(char >= 0x20 && char < 0x7f);
            assertTrue(char != "<" && char != ">" && char != "&" && char != "'");
            assertTrue(char != 0x22 && char != 0x5c);
        }
    }

    function test_plainKeepsWhatIsHarmless() public pure {
        assertEq(DisplayStrings.plain("ETH/USD", 24), "ETH/USD");
        assertEq(DisplayStrings.plain(unicode"USD₮0", 24), "USD?0");
        assertEq(DisplayStrings.plain("ETH/USD", 3), "ETH");
    }
}
